/** Hands the planner to the components. */

import { createContext, useContext } from 'react';

import type { Planner } from '../planner';

export const PlannerContext = createContext<Planner | null>(null);

export function usePlanner(): Planner {
  const planner = useContext(PlannerContext);
  if (!planner) throw new Error('There is no planner around this component.');
  return planner;
}
