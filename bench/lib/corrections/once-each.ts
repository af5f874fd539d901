/** What is made piece by piece and written down at once, so that a run that was broken off goes on from there. */
import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../../../src-main/formats/atomic.ts'

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
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) {
    // A line that was broken off while it was written.
    await writeFileAtomic(path, Buffer.from(whole))
  }
  const lines = whole.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const { key, made } = JSON.parse(line) as { key: string; made: Made }
      return [key, made]
    }),
  )
}
