/** What is made piece by piece and written down at once, so that a run that was broken off goes on from there. */
import { appendFile, readFile } from 'node:fs/promises'

/**
 * What `make` gives for each key, from the file where it has been made before; a line a piece. It is told the
 * pieces before its own.
 */
export async function onceEach<Made>(
  path: string,
  keys: readonly string[],
  make: (place: number, before: readonly Made[]) => Promise<Made>,
): Promise<Made[]> {
  const known = await piecesOf<Made>(path)
  const pieces: Made[] = []
  for (const [place, key] of keys.entries()) {
    const made = known.get(key) ?? (await make(place, pieces))
    if (!known.has(key)) {
      await appendFile(path, `${JSON.stringify({ key, made })}\n`)
    }
    pieces.push(made)
  }
  return pieces
}

async function piecesOf<Made>(path: string): Promise<Map<string, Made>> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const { key, made } = JSON.parse(line) as { key: string; made: Made }
      return [key, made]
    }),
  )
}
