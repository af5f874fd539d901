import { expect, it } from 'vitest'
import { whyNotName } from '../../src-renderer/components/ui/pick.ts'
import { stateOf } from '../../src-renderer/views/project/recent.ts'

it('says why a name will not do', () => {
  const there = [{ name: 'Kitchen.vitrine', path: '/p/Kitchen.vitrine', kind: 'project' as const }]
  const why = (name: string): string | null => whyNotName(`${name}.vitrine`, there)
  expect(why('garden')).toBeNull()
  expect(why('")')).toMatch(/has no "/)
  expect(why('')).toMatch(/needs a name/)
  expect(why('a/b')).toMatch(/has no \//)
  expect(why('a\u0007')).toMatch(/control characters/)
  expect(why('.a')).toMatch(/hidden/)
  expect(why('a'.repeat(201))).toMatch(/at most 200/)
  expect(why('kitchen')).toMatch(/is there already/)
})

it('says what a project holds, and what it lacks next', () => {
  const state = { clips: 0, withFeatures: 0, topics: 0, models: 0 }
  expect(stateOf({ state: null })).toBe('')
  expect(stateOf({ state })).toBe('no clips yet')
  expect(stateOf({ state: { ...state, clips: 11 } })).toBe('11 clips, no features yet')
  expect(stateOf({ state: { ...state, clips: 11, withFeatures: 11 } })).toBe('11 clips, no topics yet')
  expect(stateOf({ state: { ...state, clips: 240, withFeatures: 240, topics: 28, models: 1 } })).toBe(
    '240 clips, 28 topics, 1 model',
  )
})
