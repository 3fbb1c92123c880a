import type { Person } from '../../workspace/protocol.js';
import { displayName } from '../state/selectors.js';

/** An avatar with a person's colour and initials. */
export function Avatar({ person, size = 'usual' }: { person: Person | undefined; size?: 'usual' | 'small' }) {
  const initials = displayName(person)
    .split(' ')
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('');
  return (
    <span
      className={`avatar ${size}${person?.isBot ? ' bot' : ''}`}
      style={{ backgroundColor: person?.color ?? '#64748b' }}
      data-initials={person?.isBot ? '' : initials}
      aria-hidden="true"
    >
      {person?.isBot && <Check />}
    </span>
  );
}

function Check() {
  return (
    <svg viewBox="0 0 16 16" role="presentation">
      <path d="M3.5 8.4l3 3 6-6.6" fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
