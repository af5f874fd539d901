/** Layouts that corpora of actions come in, what of them stays together, and what is notices of those that can't be divided. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActionClip } from '../../../src-main/project/actions/action-clip.ts'
import { groupsSentence, readClassFolders } from '../../../src-main/project/actions/class-folders.ts'
import { classesOf } from '../../../src-main/project/actions/corpus.ts'
import { groupsOnBothSides, planRounds } from '../../../src-main/project/actions/rounds.ts'
import { readSplits } from '../../../src-main/project/actions/split-files.ts'

let folder: string
let notices: string[]
const notice = (text: string): void => {
  notices.push(text)
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-actions-'))
  notices = []
})
afterEach(() => rm(folder, { recursive: true }))

/** Empty files: layouts are read by names alone. */
async function lay(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), '')
  }
}

const layout = async (...paths: string[]) => {
  await lay(...paths)
  return readClassFolders(folder, notice)
}

const groupsOf = (clips: readonly ActionClip[]): Record<string, string> =>
  Object.fromEntries(clips.map(({ name, group }) => [name, group]))

describe('folders of classes', () => {
  it('takes groups from names of UCF50 and UCF101', async () => {
    const corpus = await layout(
      'Biking/v_Biking_g01_c01.avi',
      'Biking/v_Biking_g01_c02.avi',
      'Biking/v_Biking_g12_c01.avi',
      'Diving/v_Diving_g01_c01.avi',
    )
    expect(groupsOf(corpus.clips)).toEqual({
      'Biking/v_Biking_g01_c01': 'group 1',
      'Biking/v_Biking_g01_c02': 'group 1',
      'Biking/v_Biking_g12_c01': 'group 12',
      'Diving/v_Diving_g01_c01': 'group 1',
    })
    expect(groupsSentence(corpus)).toMatch(/stay together: 2 groups by names/)
  })

  it('takes groups from the folders of UCF11, whose names do without them too', async () => {
    const { clips } = await layout(
      'basketball/v_shooting_01/v_shooting_01_01.mpg',
      'basketball/v_shooting_02/v_shooting_02_01.mpg',
      'biking/v_biking_02_03.mpg',
      'walking/dog/a.mp4',
      'walking/dog/b.mp4',
    )
    expect(Object.values(groupsOf(clips))).toEqual(['group 1', 'group 2', 'group 2', 'dog', 'dog'])
  })

  it('takes the film as the group in HMDB51, and the video of parts that were cut from it', async () => {
    const { clips } = await layout(
      'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi',
      'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_1.avi',
      'wave/April_09_wave_f_cm_np1_fr_med_2.avi',
      'wave/Ptf_2VRj-V0_000122_000132.mp4',
      'wave/alone.mp4',
    )
    expect(groupsOf(clips)).toEqual({
      'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0': 'April_09',
      'brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_1': 'April_09',
      'wave/April_09_wave_f_cm_np1_fr_med_2': 'April_09',
      'wave/Ptf_2VRj-V0_000122_000132': 'Ptf_2VRj-V0',
      'wave/alone': 'wave/alone',
    })
  })

  it('goes into linked folders, and takes none without clips for a class', async () => {
    await lay('ride/a.mp4', 'elsewhere/dance/b.mp4', '__MACOSX/ride/._a.mp4', 'lists/trainlist01.txt')
    await mkdir(join(folder, 'set'))
    for (const [name, target] of [
      ['ride', 'ride'],
      ['dance', 'elsewhere/dance'],
      ['__MACOSX', '__MACOSX'],
      ['ucfTrainTestlist', 'lists'],
    ] as const) {
      await symlink(join(folder, target), join(folder, 'set', name))
    }
    const corpus = await readClassFolders(join(folder, 'set'), notice)
    expect(classesOf(corpus)).toEqual(['dance', 'ride'])
    expect(notices.join('\n')).toMatch(/ucfTrainTestlist holds split files.*--splits/)
    expect(notices.join('\n')).toMatch(/__MACOSX holds no clips/)
    expect(groupsSentence(corpus)).toMatch(/optimistic/)
  })

  it('refuses a folder that is not there, and one class alone', async () => {
    await expect(readClassFolders(join(folder, 'gone'), notice)).rejects.toThrow(/gone does not exist/)
    await expect(layout('only/a.mp4', 'empty/readme.txt')).rejects.toThrow(/1 folder/)
  })
})

describe('split files', () => {
  const ucf = ['a', 'b'].flatMap((name) => [1, 2, 3].map((g) => `${name}/v_${name}_g0${g}_c01.avi`))

  it("reads UCF101's lists, and says what they name that is not there", async () => {
    const { clips } = await layout(...ucf)
    await lay('lists/classInd.txt')
    const write = (name: string, lines: string[]) =>
      writeFile(join(folder, 'lists', name), `${lines.join('\r\n')}\r\n`)
    await write('trainlist01.txt', ['a/v_a_g01_c01.avi 1', 'b/v_b_g01_c01.avi 2', 'b/v_b_g09_c01.avi 2'])
    await write('testlist01.txt', ['a/v_a_g02_c01.avi', 'b/v_b_g02_c01.avi'])
    const splits = await readSplits(join(folder, 'lists'), clips, notice)
    expect(splits).toMatchObject([
      {
        title: 'split 1',
        train: new Set(['a/v_a_g01_c01', 'b/v_b_g01_c01']),
        test: new Set(['a/v_a_g02_c01', 'b/v_b_g02_c01']),
      },
    ])
    expect(notices[0]).toContain('b/v_b_g09_c01.avi (trainlist01.txt line 3)')
    expect(notices[1]).toMatch(/no split file names a\/v_a_g03_c01, b\/v_b_g03_c01/)
    const rounds = planRounds(clips, ['a', 'b'], { kind: 'given', splits })
    expect(rounds).toEqual([{ train: [0, 3], test: [1, 4] }])
    expect(groupsOnBothSides(clips, rounds)).toEqual([])

    await write('testlist01.txt', ['a/v_a_g02_c01.avi', 'b/v_b_g01_c01.avi'])
    await expect(readSplits(join(folder, 'lists'), clips, notice)).rejects.toThrow(
      /line 2: b\/v_b_g01_c01\.avi is to be learnt from and tested on/,
    )
    await write('testlist01.txt', ['c/none.avi'])
    await expect(readSplits(join(folder, 'lists'), clips, notice)).rejects.toThrow(/no clip .* to test on/)
    await expect(readSplits(folder, clips, notice)).rejects.toThrow(/holds no split files/)
  })

  it("reads HMDB51's marks, and refuses others with file and line", async () => {
    const { clips } = await layout(
      ...['run', 'sit'].flatMap((name) => [0, 1, 2].map((n) => `${name}/x${n}.avi`)),
    )
    await lay('lists/x')
    for (const name of ['run', 'sit']) {
      await writeFile(join(folder, 'lists', `${name}_test_split1.txt`), 'x0.avi 1 \nx1.avi 2 \nx2.avi 0 \n')
    }
    const [split] = await readSplits(join(folder, 'lists'), clips, notice)
    expect(split).toMatchObject({
      train: new Set(['run/x0', 'sit/x0']),
      test: new Set(['run/x1', 'sit/x1']),
    })
    await writeFile(join(folder, 'lists', 'sit_test_split1.txt'), 'x0.avi 1\nx1.avi 7\n')
    await expect(readSplits(join(folder, 'lists'), clips, notice)).rejects.toThrow(
      /sit_test_split1\.txt line 2: "x1\.avi 7"/,
    )
  })
})

describe('rounds', () => {
  const clip = (className: string, group: string, i = 0): ActionClip => ({
    name: `${className}/${group}/${i}`,
    className,
    group,
    path: '',
    clipId: null,
  })
  const corpus = ['a', 'b'].flatMap((name) =>
    ['1', '2', '3'].flatMap((group) => [0, 1].map((i) => clip(name, group, i))),
  )

  it('never learns from a group that it asks about, and asks about every clip once', () => {
    for (const division of [{ kind: 'folds', folds: 3, seeds: [1] }, { kind: 'groups' }] as const) {
      const rounds = planRounds(corpus, ['a', 'b'], division)
      expect(rounds).toHaveLength(3)
      expect(groupsOnBothSides(corpus, rounds)).toEqual([])
      expect(rounds.flatMap(({ test }) => test).sort((x, y) => x - y)).toEqual([...corpus.keys()])
    }
    expect(planRounds(corpus, ['a', 'b'], { kind: 'folds', folds: 2, seeds: [1, 2] })).toHaveLength(4)
  })

  it('names the class that is too small, in one group, or not learnt', () => {
    const folds = (clips: readonly ActionClip[], count: number) => () =>
      planRounds(clips, classesOf({ clips: [...clips] }), { kind: 'folds', folds: count, seeds: [1] })
    expect(folds(corpus, 4)).toThrow(/class "a" come from 3 groups, fewer than the 4 folds/)
    expect(folds([...corpus, clip('c', '1', 0), clip('c', '1', 1)], 2)).toThrow(
      /class "c" are of one group \(1\)/,
    )
    expect(folds([...corpus, clip('c', 'x'), clip('c', 'y')], 3)).toThrow(/class "c" has 2 clips/)
    const given = { title: 'split 1', train: new Set(['a/1/0']), test: new Set(['b/1/0']) }
    expect(() => planRounds(corpus, ['a', 'b'], { kind: 'given', splits: [given] })).toThrow(
      /split 1 has no clip of the class "b" to learn from/,
    )
  })
})
