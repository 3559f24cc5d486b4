/** Some other octets of the same length. */
export function flipped(octets: Uint8Array, at: number): Uint8Array {
  return octets.map((octet, i) => (i === at % octets.length ? octet ^ (1 << (at % 8)) : octet))
}

/** Ways to spoil a proof; every result differs from the proof. */
export function spoiled(proof: readonly Uint8Array[], at: number): Uint8Array[][] {
  const i = at % Math.max(proof.length, 1)
  const node = proof[i] ?? new Uint8Array(32)
  return [
    [...proof, node],
    [node, ...proof],
    ...(proof.length === 0
      ? []
      : [
          proof.slice(1),
          proof.slice(0, -1),
          proof.with(i, flipped(node, at)),
          proof.with(i, node.subarray(1)),
          proof.with(i, new Uint8Array([...node, 0])),
        ]),
    ...(proof.length > 1 ? [proof.toReversed()] : []),
  ]
}
