/** The same function, which computes each answer once; `keyOf` tells the arguments apart. */
export function remembered<Argument, Answer>(
  compute: (argument: Argument) => Answer,
  keyOf: (argument: Argument) => unknown = (argument) => argument,
): (argument: Argument) => Answer {
  const answers = new Map<unknown, Answer>()
  return (argument) => {
    const key = keyOf(argument)
    if (!answers.has(key)) {
      answers.set(key, compute(argument))
    }
    return answers.get(key)!
  }
}
