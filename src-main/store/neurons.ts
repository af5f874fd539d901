import type * as z from 'zod'
import type { neuronsRequest } from '#contract'
import type { NeuronJudgement } from '#contract'
import { fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedNeuronsRequest } from './stored.ts'

/** One neuron of a map; topics by id. */
export interface StoredNeuron {
  neuron: number
  part: 'feature' | 'forward' | 'backward'
  topicId: number
  delta: number
  runnerUpId: number
  margin: number
  shuffled: number
  dead: boolean
  polysemantic: boolean
}

export interface StoredNeuronMap {
  request: z.output<typeof neuronsRequest>
  shuffledBaseline: number
  meanDelta: number
  seconds: number
  createdAt: string
  /** By neuron. */
  neurons: StoredNeuron[]
}

interface NeuronColumns {
  neuron: number
  part: StoredNeuron['part']
  topic_id: number
  delta: number
  runner_up_id: number
  margin: number
  shuffled: number
  dead: 0 | 1
  polysemantic: 0 | 1
}

const toNeuron = (row: NeuronColumns): StoredNeuron => ({
  neuron: row.neuron,
  part: row.part,
  topicId: row.topic_id,
  delta: row.delta,
  runnerUpId: row.runner_up_id,
  margin: row.margin,
  shuffled: row.shuffled,
  dead: row.dead === 1,
  polysemantic: row.polysemantic === 1,
})

export type NeuronRepository = ReturnType<typeof neuronRepository>

export function neuronRepository(sql: Sql) {
  return {
    /** Sets what a person says of a neuron (null: nothing); returns what was said before. */
    judge(modelId: number, neuron: number, judgement: NeuronJudgement | null): NeuronJudgement | null {
      const before = sql.get<NeuronJudgement>(
        'SELECT verdict, label, note FROM neuron_verdict WHERE model_id = ? AND neuron = ?',
        modelId,
        neuron,
      )
      if (judgement === null) {
        sql.run('DELETE FROM neuron_verdict WHERE model_id = ? AND neuron = ?', modelId, neuron)
      }
      // A model that is gone has no neurons to speak of.
      else {
        sql.run(
          `INSERT OR REPLACE INTO neuron_verdict (model_id, neuron, verdict, label, note) SELECT id, ?, ?, ?, ? FROM model WHERE id = ?`,
          neuron,
          judgement.verdict,
          judgement.label,
          judgement.note,
          modelId,
        )
      }
      return before ?? null
    },

    /** What people say of a model's neurons, by neuron. */
    judgements(modelId: number): Map<number, NeuronJudgement> {
      const rows = sql.all<NeuronJudgement & { neuron: number }>(
        'SELECT neuron, verdict, label, note FROM neuron_verdict WHERE model_id = ?',
        modelId,
      )
      return new Map(rows.map(({ neuron, ...judgement }) => [neuron, judgement]))
    },

    /** Stores a model's map in place of its earlier one. */
    put(modelId: number, map: Omit<StoredNeuronMap, 'createdAt'>): void {
      sql.transaction(() => {
        sql.run('DELETE FROM neuron_map WHERE model_id = ?', modelId)
        sql.run(
          'INSERT INTO neuron_map (model_id, request, shuffled_baseline, mean_delta, seconds, created_at) VALUES (?, ?, ?, ?, ?, ?)',
          modelId,
          JSON.stringify(map.request),
          map.shuffledBaseline,
          map.meanDelta,
          map.seconds,
          now(),
        )
        for (const n of map.neurons) {
          sql.run(
            `INSERT INTO neuron (model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            modelId,
            n.neuron,
            n.part,
            n.topicId,
            n.delta,
            n.runnerUpId,
            n.margin,
            n.shuffled,
            Number(n.dead),
            Number(n.polysemantic),
          )
        }
      })
    },

    get(modelId: number): StoredNeuronMap | null {
      const map = sql.get<{
        request: string
        shuffled_baseline: number
        mean_delta: number
        seconds: number
        created_at: string
      }>('SELECT * FROM neuron_map WHERE model_id = ?', modelId)
      if (!map) {
        return null
      }
      return {
        request: fromJson(storedNeuronsRequest, map.request),
        shuffledBaseline: map.shuffled_baseline,
        meanDelta: map.mean_delta,
        seconds: map.seconds,
        createdAt: map.created_at,
        neurons: sql
          .all<NeuronColumns>('SELECT * FROM neuron WHERE model_id = ? ORDER BY neuron', modelId)
          .map(toNeuron),
      }
    },
  }
}
