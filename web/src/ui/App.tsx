/** The whole app: signed out, or signed in. */

import { QueryClientProvider, useQuery } from '@tanstack/react-query';

import { Unavailable, reasonOf } from '../api/errors';
import { PlannerContext, usePlanner } from '../hooks/planner-context';
import { userQuery } from '../hooks/queries';
import { useHasUnsavedText } from '../hooks/useDraft';
import { useLoading } from '../hooks/useLoading';
import { useLeaveWarning, usePending } from '../hooks/usePending';
import { useSignedInId } from '../hooks/useUser';
import type { Planner } from '../planner';
import { SignInPage } from './auth/SignInPage';
import { Button } from './parts/Button';
import { ErrorBoundary } from './parts/ErrorBoundary';
import { EmptyState, Skeleton } from './parts/States';
import type { Router } from './router';
import { RouterContext } from './router-context';
import { NoticeList } from './shell/NoticeList';
import { Shell } from './shell/Shell';

export function App({ planner, router }: { planner: Planner; router: Router }) {
  return (
    <PlannerContext value={planner}>
      <RouterContext value={router}>
        <QueryClientProvider client={planner.client}>
          <ErrorBoundary fallback={<Broken />}>
            <Screens />
          </ErrorBoundary>
          <NoticeList />
        </QueryClientProvider>
      </RouterContext>
    </PlannerContext>
  );
}

/** What a session left unsaved would be lost from the sign-in page too. */
function Screens() {
  const userId = useSignedInId();
  const pending = usePending();
  const hasUnsavedText = useHasUnsavedText();
  useLeaveWarning(hasUnsavedText || pending.count > 0);
  return userId === null ? <SignInPage /> : <SignedIn key={userId} />;
}

function Broken() {
  return (
    <main className="loading-page">
      <EmptyState icon="alert" title="Something went wrong here">
        <p>What is saved is safe. Reload the page to go on.</p>
        <Button kind="primary" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </EmptyState>
    </main>
  );
}

/** Nothing is fetched before the user is: that answer says where the event log is followed from. */
function SignedIn() {
  const planner = usePlanner();
  const { data, error, retry } = useLoading(useQuery(userQuery(planner)));
  if (data) return <Shell />;
  return (
    <main className="loading-page">
      {error ? (
        <EmptyState icon="alert" title="The planner can’t be reached">
          <p>{reasonOf(error)} {error instanceof Unavailable && 'It is tried again by itself.'}</p>
          <Button onClick={retry}>Try again</Button>
        </EmptyState>
      ) : (
        <Skeleton rows={6} />
      )}
    </main>
  );
}
