/**
 * A map of bounded size that forgets what was not asked for lately: whoever is asked for while one half of the
 * room is filled anew stays. To put an entry last whenever it is asked for, as is usual, costs a map of some
 * thousands several microseconds each time.
 */
export class RecentMap<K, V> {
  readonly #half: number
  readonly #sizeOf: (value: V) => number
  #recent = new Map<K, V>()
  /** Of what is in `#recent`. */
  #size = 0
  #before: ReadonlyMap<K, V> = new Map()

  /** Keeps at most `room` of what `sizeOf` gives, by default entries; one that is larger, alone. */
  constructor(room: number, sizeOf: (value: V) => number = () => 1) {
    this.#half = room / 2
    this.#sizeOf = sizeOf
  }

  get(key: K): V | undefined {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const before = this.#before.get(key)
    if (before !== undefined) this.set(key, before)
    return before
  }

  set(key: K, value: V): void {
    const displaced = this.#recent.get(key)
    if (displaced !== undefined) this.#size -= this.#sizeOf(displaced)
    const size = this.#sizeOf(value)
    if (this.#size + size > this.#half) {
      // Beside one that takes more than its half nothing has room.
      this.#before = Math.max(this.#size, size) > this.#half ? new Map() : this.#recent
      this.#recent = new Map()
      this.#size = 0
    }
    this.#size += size
    this.#recent.set(key, value)
  }
}
