import type { SlashCommand } from '../../workspace/protocol.js';

/** The commands that what was typed so far may become. */
export function matching(commands: readonly SlashCommand[], text: string): SlashCommand[] {
  return /^\/\S*$/.test(text)
    ? commands.filter(({ command }) => command.startsWith(text) && command !== text)
    : [];
}

export function CommandMenu({
  commands,
  picked,
  onPick,
}: {
  commands: readonly SlashCommand[];
  picked: number;
  onPick(command: SlashCommand): void;
}) {
  return (
    <div className="command-menu" role="listbox" aria-label="Commands">
      {commands.map((command, index) => (
        <div
          key={command.command}
          role="option"
          tabIndex={-1}
          aria-selected={index === picked}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(command);
          }}
        >
          <strong>{command.command}</strong> <span className="usage">{command.usageHint}</span>
          <span className="description">{command.description}</span>
        </div>
      ))}
    </div>
  );
}
