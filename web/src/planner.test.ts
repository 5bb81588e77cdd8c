import { beforeEach, describe, expect, it } from 'vitest';

import { settle } from './testing/fake-clock';
import { openTab } from './testing/fake-outside';
import type { Tab } from './testing/fake-outside';
import { fakeTask } from './testing/fake-rows';
import { AGENT, FakeServer } from './testing/fake-server';
import { fakeToken } from './testing/fake-sources';

const HOUR_MS = 3_600_000;

it('shows nobody what was listed for the last user', async () => {
  const server = new FakeServer();
  const { planner } = openTab(server);
  await planner.loadUser();
  await settle();
  for (let n = 0; n < 6; n += 1) server.as(AGENT).write('POST', '/tasks', { title: `Task ${n}` });
  await settle();
  planner.notices.shown.at(-1)?.action?.run();
  expect(planner.activity.listed?.rows.length).toBe(6);
  planner.session.refused(planner.session.token ?? '');
  expect(planner.activity.listed).toBeNull();
});

it('ends its line before the server does when its user signs out', async () => {
  const server = new FakeServer();
  const { planner } = openTab(server);
  await planner.loadUser();
  await settle();
  const open = server.hold();
  const signedOut = planner.signOut.begin();
  await settle();
  expect([planner.connection.state.kind, planner.session.token === null]).toEqual(['signed out', false]);
  open();
  await signedOut;
});

describe('what is not saved when the session ends', () => {
  let server: FakeServer;
  let tab: Tab;

  const write = () => void tab.planner.tasks.change(fakeTask({ id: 'a' }), { title: 'Mine' }).catch(() => undefined);
  const title = () => server.tasks[0]?.title;
  const signIn = (userId: string) => tab.planner.session.accept(fakeToken(userId, tab.clock.now() + 1_000, HOUR_MS));
  const endSession = () => tab.planner.session.refused(tab.planner.session.token ?? '');

  beforeEach(async () => {
    server = new FakeServer();
    server.seed([fakeTask({ id: 'a' })]);
    tab = openTab(server);
    await tab.planner.loadUser();
    await settle(); // the line is live
  });

  it('is saved when the same user is back', async () => {
    server.mishaps.push('unreached');
    write();
    await settle();
    endSession();
    await tab.clock.run(60_000, 1_000);
    expect(title()).toBe('Task a');
    signIn('u1');
    await settle();
    expect([title(), tab.planner.outbox.pending.count]).toEqual(['Mine', 0]);
  });

  it('is kept when it is made after the session ended', async () => {
    endSession();
    write();
    await settle();
    signIn('u1');
    await settle();
    expect(title()).toBe('Mine');
  });

  it('is not saved as somebody else', async () => {
    endSession();
    write();
    signIn('u2');
    await settle();
    expect([title(), tab.planner.outbox.pending.count]).toEqual(['Task a', 0]);
  });

  it('is saved before its user signs out', async () => {
    tab.planner.drafts.of(fakeTask({ id: 'a' }), 'notes').change('bread');
    await tab.planner.signOut.begin();
    expect([server.tasks[0]?.notes, tab.planner.session.token]).toEqual(['bread', null]);
  });

  it('is saved before its user signs out, also what was typed while an older text was on its way', async () => {
    const notes = tab.planner.drafts.of(fakeTask({ id: 'a' }), 'notes');
    const open = server.hold();
    notes.open();
    notes.change('bread');
    notes.flush();
    notes.change('bread and eggs');
    const signedOut = tab.planner.signOut.begin();
    await settle();
    open();
    await signedOut;
    expect([server.tasks[0]?.notes, tab.planner.session.token]).toEqual(['bread and eggs', null]);
  });

  it('is asked about once, however often its user asks to sign out', async () => {
    server.mishaps.push('unreached', 'unreached');
    write();
    await settle();
    const { signOut, session } = tab.planner;
    await Promise.all([signOut.begin(), signOut.begin()]);
    await signOut.begin();
    expect([signOut.step, session.token === null]).toEqual(['asking', false]);
  });

  it('is asked about no more when the session has ended', async () => {
    server.mishaps.push('unreached');
    write();
    await settle();
    await tab.planner.signOut.begin();
    endSession();
    expect(tab.planner.signOut.step).toBe('not begun');
  });

  it('is given up at a sign-out only if its user says so', async () => {
    server.mishaps.push('unreached');
    write();
    await settle();
    const { signOut, outbox, session } = tab.planner;
    await signOut.begin();
    expect([signOut.step, outbox.pending.count, session.token === null]).toEqual(['asking', 1, false]);
    signOut.stay();
    expect([signOut.step, outbox.pending.count, session.token === null]).toEqual(['not begun', 1, false]);
    await signOut.begin();
    await signOut.goOn();
    expect(session.token).toBeNull();
    signIn('u1');
    await settle();
    expect(title()).toBe('Task a');
  });
});
