/** Branches of the story that go on side by side, and those of them that wait for people. */
export class Branches {
  /** Calls of one turn are branches of their own; otherwise the story is one. */
  open = 1;
  waiting = 0;

  /** Waits for people in this branch. */
  async wait<T>(until: Promise<T>): Promise<T> {
    this.waiting += 1;
    try {
      return await until;
    } finally {
      this.waiting -= 1;
    }
  }
}
