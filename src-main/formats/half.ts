/** Half precision: two bytes a value, which rounds by less than one part in 2,000. */

/** The largest value that float16 holds. */
const MOST = 65504

/** Values in half precision; those that it can't hold stay as they are, all of them. */
export const halfWhereItFits = (values: Float32Array): Float32Array | Float16Array =>
  values.every((value) => Math.abs(value) <= MOST) ? new Float16Array(values) : values
