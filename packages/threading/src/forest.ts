const NONE = -1;

/**
 * Trees that grow and are cut, and answer which root a node hangs from, in logarithmic time on average. Asking the
 * parents one by one would take as long as a thread is deep, for each message.
 *
 * These are link-cut trees: every path that was walked last is kept in a splay tree, ordered from the root down.
 */
export class Forest {
  /** The parent in the splay tree, or, for its root, the node that the top of the path hangs from. */
  readonly #up: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];

  /** Adds a node that is a root. @returns Its number; they count from 0. */
  add(): number {
    this.#left.push(NONE);
    this.#right.push(NONE);
    return this.#up.push(NONE) - 1;
  }

  rootOf(node: number): number {
    this.#access(node);
    let root = node;
    while (this.#left[root] !== NONE) root = this.#left[root]!;
    this.#splay(root);
    return root;
  }

  /** Hangs a root from a node of another tree. */
  link(root: number, parent: number): void {
    this.#access(root);
    this.#up[root] = parent;
  }

  /** Makes a node that is not a root one. */
  cut(node: number): void {
    this.#access(node);
    this.#up[this.#left[node]!] = NONE;
    this.#left[node] = NONE;
  }

  /** Makes the path from the root to `node` one splay tree, with `node` on top. */
  #access(node: number): void {
    for (let [below, at] = [NONE, node]; at !== NONE; at = this.#up[at]!) {
      this.#splay(at);
      this.#right[at] = below;
      below = at;
    }
    this.#splay(node);
  }

  #splay(node: number): void {
    while (!this.#isTop(node)) {
      const parent = this.#up[node]!;
      if (!this.#isTop(parent)) {
        const isStraight = this.#isLeft(node) === this.#isLeft(parent);
        this.#rotate(isStraight ? parent : node);
      }
      this.#rotate(node);
    }
  }

  #rotate(node: number): void {
    const parent = this.#up[node]!;
    const above = this.#up[parent]!;
    const wasTop = this.#isTop(parent);
    const wasLeft = this.#isLeft(node);
    if (!wasTop) (this.#isLeft(parent) ? this.#left : this.#right)[above] = node;
    this.#up[node] = above;
    const [near, far] = wasLeft ? [this.#left, this.#right] : [this.#right, this.#left];
    const moved = far[node]!;
    near[parent] = moved;
    if (moved !== NONE) this.#up[moved] = parent;
    far[node] = parent;
    this.#up[parent] = node;
  }

  #isTop(node: number): boolean {
    const up = this.#up[node]!;
    return up === NONE || (this.#left[up] !== node && this.#right[up] !== node);
  }

  #isLeft(node: number): boolean {
    return this.#left[this.#up[node]!] === node;
  }
}
