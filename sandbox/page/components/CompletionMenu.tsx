import type { Completion } from '../state/completions.js';

/** Suggestions above the composer. */
export function CompletionMenu({
  items,
  picked,
  onPick,
}: {
  items: readonly Completion[];
  picked: number;
  onPick(item: Completion): void;
}) {
  return (
    <div className="completions" role="listbox" aria-label="Suggestions">
      {items.map((item, index) => (
        <div
          key={item.key}
          role="option"
          tabIndex={-1}
          aria-selected={index === picked}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(item);
          }}
        >
          <strong>{item.label}</strong> <span className="usage">{item.hint}</span>
          {item.description && <span className="description">{item.description}</span>}
        </div>
      ))}
    </div>
  );
}
