/** The notices that are shown now. */

import { usePlanner } from '../../hooks/planner-context';
import { useNotices } from '../../hooks/useActivity';
import type { Notice } from '../../sync/notices';
import { IconButton } from '../parts/Button';

export function NoticeList() {
  const shown = useNotices();
  return (
    <div className="notices" role="region" aria-label="Notices" aria-live="polite">
      {shown.map((notice) => (
        <NoticeView key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeView({ notice }: { notice: Notice }) {
  const { notices } = usePlanner();
  const { action } = notice;
  const hold = () => notices.hold(notice.id);
  const release = () => notices.release(notice.id);
  return (
    <div
      className={`notice notice-${notice.tone}`}
      role={notice.tone === 'problem' ? 'alert' : undefined}
      onMouseEnter={hold}
      onMouseLeave={release}
      onFocus={hold}
      onBlur={release}
    >
      <p>{notice.text}</p>
      {action && (
        <button
          type="button"
          className="notice-action"
          onClick={() => {
            action.run();
            notices.dismiss(notice.id);
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => notices.dismiss(notice.id)} />
    </div>
  );
}
