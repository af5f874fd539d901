/**
 * q-values: p-values corrected for their number by Benjamini and Hochberg's procedure ("Controlling the false
 * discovery rate", JRSS B 1995): of all tests with a q of at most x, a share of at most x is expected to be
 * false. NaN is no test, and stays. Not Holm's: who reads a map of tens of thousands of pairs asks how many of
 * those that it shows are false, not whether there is a single one; and p-values of sampled permutations have a
 * floor that his first step can't be passed with.
 */
export function falseDiscoveryRates(p: Float64Array): Float64Array {
  const tests = Uint32Array.from(p.keys())
    .filter((i) => !Number.isNaN(p[i]!))
    .sort((a, b) => p[b]! - p[a]!)
  const q = new Float64Array(p.length).fill(NaN)
  let smallest = 1
  tests.forEach((test, i) => {
    smallest = Math.min(smallest, (p[test]! * tests.length) / (tests.length - i))
    q[test] = smallest
  })
  return q
}
