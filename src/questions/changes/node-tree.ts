/** A node of an expression's tree: its label, and its fields by name. */
export interface TreeNode {
  label: string;
  fields: ReadonlyMap<string, readonly TreeItem[]>;
}

/** A word, a node or a list of these. */
export type TreeItem = string | TreeNode | readonly TreeItem[];

export const isNode = (item: TreeItem | undefined): item is TreeNode =>
  typeof item === 'object' && !Array.isArray(item);

/** A field that is a word. */
export function wordIn({ fields }: TreeNode, field: string): string | undefined {
  const [item] = fields.get(field) ?? [];
  return typeof item === 'string' ? item : undefined;
}

export function numberIn(node: TreeNode, field: string): number | undefined {
  const word = wordIn(node, field);
  return word !== undefined && /^-?\d{1,10}$/.test(word) ? Number(word) : undefined;
}

/** The items of a field that is a list; none of one that is empty. */
export function itemsIn({ fields }: TreeNode, field: string): readonly TreeItem[] {
  const [list] = fields.get(field) ?? [];
  return Array.isArray(list) ? list : [];
}

/** More levels than this are not gone into. */
const MOST_LEVELS = 200;

/**
 * Takes apart what a `pg_node_tree` says (PostgreSQL: src/backend/nodes/outfuncs.c and read.c).
 * @returns undefined where it is no such text
 */
export function parseNodeTree(text: string): TreeNode | undefined {
  const node = parseItem(text);
  return isNode(node) ? node : undefined;
}

/** The same of one that is a list of nodes. */
export function parseNodeTreeList(text: string): readonly TreeItem[] | undefined {
  const list = parseItem(text);
  return Array.isArray(list) ? list : undefined;
}

function parseItem(text: string): TreeItem | undefined {
  const tokens = tokensOf(text);
  const next = tokens.next();
  return next.done ? undefined : readItem(next.value, tokens, 0);
}

/** Words, and the brackets by themselves. A backslash takes away what a character means. */
function* tokensOf(text: string): Generator<string> {
  for (const [token] of text.matchAll(/[(){}]|(?:\\.|[^\s(){}\\])+/gs)) yield token;
}

function readItem(token: string, tokens: Generator<string>, level: number): TreeItem | undefined {
  if (level > MOST_LEVELS) return undefined;
  if (token === '(') return readList(tokens, level);
  if (token === '{') return readNode(tokens, level);
  return token.replace(/\\(.)/gs, '$1');
}

function readList(tokens: Generator<string>, level: number): TreeItem | undefined {
  const items: TreeItem[] = [];
  for (;;) {
    const { value: token, done } = tokens.next();
    if (done || token === '}') return undefined;
    if (token === ')') return items;
    const item = readItem(token, tokens, level + 1);
    if (item === undefined) return undefined;
    items.push(item);
  }
}

function readNode(tokens: Generator<string>, level: number): TreeNode | undefined {
  const label = tokens.next();
  if (label.done) return undefined;
  const fields = new Map<string, TreeItem[]>();
  let field: TreeItem[] = [];
  for (;;) {
    const { value: token, done } = tokens.next();
    if (done || token === ')') return undefined;
    if (token === '}') return { label: label.value, fields };
    if (token.startsWith(':')) {
      field = [];
      fields.set(token.slice(1), field);
      continue;
    }
    const item = readItem(token, tokens, level + 1);
    if (item === undefined) return undefined;
    field.push(item);
  }
}
