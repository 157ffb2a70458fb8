import { Forest } from './forest.ts';
import type { SortableMessage } from './message.ts';

const NONE = -1;

/** A message identifier in use, or a message without one of its own. */
export interface AncestryNode {
  /** The place of the message among those given, or -1 for a dummy: an identifier without message. */
  readonly message: number;
  /** The place of the parent among the nodes, or -1. */
  readonly parent: number;
}

/**
 * Links messages by their references, in time n log n. Nodes come in the order in which their identifiers were met.
 * @see RFC 5256 section 3, REFERENCES, step 1
 */
export function linkByReferences(messages: readonly SortableMessage[]): readonly AncestryNode[] {
  const ancestry = new Ancestry();
  for (const [index, message] of messages.entries()) ancestry.add(index, message);
  return ancestry.nodes;
}

class Ancestry {
  readonly nodes: { message: number; parent: number }[] = [];
  readonly #byId = new Map<string, number>();
  readonly #forest = new Forest();
  /** How many children each node has, which answers most questions about loops without the forest. */
  readonly #children: number[] = [];

  add(index: number, { messageId, references = [], inReplyTo }: SortableMessage): void {
    const node = this.#nodeOfMessage(index, messageId);
    const ids = references.length > 0 || inReplyTo === undefined ? references : [inReplyTo];
    let parent = NONE;
    for (const id of ids) {
      const referred = this.#nodeOf(id);
      if (parent !== NONE && this.nodes[referred]!.parent === NONE) this.#link(referred, parent);
      parent = referred;
    }
    const old = this.nodes[node]!.parent;
    if (old === parent) return;
    if (old !== NONE) this.#unlink(node);
    if (parent !== NONE) this.#link(node, parent);
  }

  /** Of messages with the same identifier only the first has it. */
  #nodeOfMessage(index: number, messageId: string | undefined): number {
    const known = messageId === undefined ? NONE : this.#nodeOf(messageId);
    const isFree = known !== NONE && this.nodes[known]!.message === NONE;
    const node = isFree ? known : this.#addNode();
    this.nodes[node]!.message = index;
    return node;
  }

  #nodeOf(id: string): number {
    let node = this.#byId.get(id);
    if (node === undefined) {
      node = this.#addNode();
      this.#byId.set(id, node);
    }
    return node;
  }

  #addNode(): number {
    this.nodes.push({ message: NONE, parent: NONE });
    this.#children.push(0);
    return this.#forest.add();
  }

  /** Links a node without parent, unless that would make a loop. */
  #link(node: number, parent: number): void {
    if (node === parent || this.#isAncestor(node, parent)) return;
    this.#forest.link(node, parent);
    this.nodes[node]!.parent = parent;
    this.#children[parent]!++;
  }

  #unlink(node: number): void {
    const entry = this.nodes[node]!;
    this.#children[entry.parent]!--;
    this.#forest.cut(node);
    entry.parent = NONE;
  }

  /** Whether a node without parent is above another. */
  #isAncestor(root: number, node: number): boolean {
    if (this.#children[root] === 0 || this.nodes[node]!.parent === NONE) return false;
    return this.#forest.rootOf(node) === root;
  }
}
