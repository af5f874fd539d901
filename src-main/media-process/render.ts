/** Draws a take of the sample corpus and encodes it: one thread and no dates, so the same bytes every time. */
import { AV_PIX_FMT_RGB24 } from 'node-av/constants'
import { Frame, Rational } from 'node-av/lib'
import { HEIGHT, WIDTH } from '../media/sample/draw.ts'
import type { Take } from '../media/sample/scene.ts'
import { drawTake, FPS } from '../media/sample/take.ts'
import { createMp4 } from './encoder.ts'
import { createPictureFilter } from './filter.ts'
import type { Watch } from './watch.ts'

export async function renderTake(
  { take, seed, to }: { take: Take; seed: number; to: string },
  watch: Watch,
): Promise<void> {
  using mp4 = createMp4(to, { file: to, isExact: true })
  using filter = createPictureFilter('format=yuv420p', to)
  const encoder = mp4.addVideo({
    width: WIDTH,
    height: HEIGHT,
    timeBase: new Rational(1, FPS),
    frameRate: new Rational(FPS, 1),
    preset: 'superfast',
    threads: 1,
  })
  let number = 0n
  for (const pixels of drawTake(take, seed)) {
    using drawn = Frame.fromVideoBuffer(Buffer.from(pixels.buffer), {
      width: WIDTH,
      height: HEIGHT,
      format: AV_PIX_FMT_RGB24,
    })
    for (const picture of filter.filter(drawn)) {
      picture.pts = number++
      encoder.encode(picture)
    }
    watch.frame()
    await watch.step()
  }
  mp4.finish()
}
