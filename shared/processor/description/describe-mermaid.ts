import type { TopologyDescription } from './describe.ts';

/**
 * The picture of a topology as a Mermaid flowchart, which GitHub and most editors draw.
 *
 * Streams are slanted, processors with state have a double border, tables are cylinders, notifications are flags; a dotted
 * arrow is a look-up.
 */
export const mermaidOf = (description: TopologyDescription): string => {
  const { streams, processors, tables, references, notifications } = description;
  const nodes = new Map<string, string>();
  const lines = ['flowchart LR'];
  const declare = (prefix: string, name: string, open: string, close: string): void => {
    const node = `${prefix}${String(nodes.size + 1)}`;
    nodes.set(`${prefix} ${name}`, node);
    lines.push(`  ${node}${open}"${name}"${close}`);
  };
  const nodeOf = (prefix: string, name: string): string => nodes.get(`${prefix} ${name}`) ?? '';

  for (const { name } of streams) declare('s', name, '[/', '/]');
  for (const { id, state } of processors) {
    if (state === undefined) declare('p', id, '(', ')');
    else declare('p', id, '[[', ']]');
  }
  for (const name of [...tables.map((table) => table.name), ...references]) declare('t', name, '[(', ')]');
  for (const name of notifications) declare('n', name, '>', ']');

  for (const { id, from, outputs, lookups, state } of processors) {
    const node = nodeOf('p', id);
    lines.push(`  ${nodeOf('s', from)} --> ${node}`);
    for (const { name, kind, to } of outputs) {
      lines.push(`  ${node} -->|${name}| ${nodeOf(kind === 'stream' ? 's' : 'n', to)}`);
    }
    if (state?.table !== undefined) lines.push(`  ${node} --> ${nodeOf('t', state.table)}`);
    for (const { name, table } of lookups) lines.push(`  ${nodeOf('t', table)} -.->|${name}| ${node}`);
  }
  return `${lines.join('\n')}\n`;
};
