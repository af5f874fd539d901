import type * as z from 'zod'
import type {
  AlignmentFigures,
  NeuronAlignment,
  NeuronJudgement,
  NeuronsOverTime,
  neuronsRequest,
} from '#contract'
import { fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedAlignment, storedNeuronsRequest, storedOverTime } from './stored.ts'

/** One neuron of a map; topics by id. */
export interface StoredNeuron {
  neuron: number
  part: 'feature' | 'forward' | 'backward' | 'activation'
  /** Null: silencing it lowers no topic, so it stands for none. */
  topicId: number | null
  delta: number
  /** Null: it lowers no second one. */
  runnerUpId: number | null
  margin: number
  shuffled: number
  dead: boolean
  polysemantic: boolean
  alignment: AlignmentFigures | null
}

/** See `neuronMap` of the contract. */
export interface StoredNeuronMap {
  request: z.output<typeof neuronsRequest>
  trainingClips: number | null
  alignment: NeuronAlignment | null
  overTime: NeuronsOverTime | null
  shuffledBaseline: number
  meanDelta: number
  seconds: number
  createdAt: string
  /** By neuron. */
  neurons: StoredNeuron[]
}

/** A map as it is measured: every neuron has a topic with the largest delta, whatever that is. */
type MeasuredNeuronMap = Omit<StoredNeuronMap, 'createdAt' | 'neurons'> & {
  neurons: (StoredNeuron & { topicId: number; runnerUpId: number })[]
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
  held_out_precision: number | null
  held_out_auc: number | null
  held_out_p: number | null
  held_out_q: number | null
}

const toNeuron = (row: NeuronColumns): StoredNeuron => ({
  neuron: row.neuron,
  part: row.part,
  topicId: row.delta > 0 ? row.topic_id : null,
  delta: row.delta,
  runnerUpId: row.delta > row.margin ? row.runner_up_id : null,
  margin: row.margin,
  shuffled: row.shuffled,
  dead: row.dead === 1,
  polysemantic: row.polysemantic === 1,
  alignment: toAlignment(row),
})

/** The four figures come together. */
function toAlignment(row: NeuronColumns): AlignmentFigures | null {
  const { held_out_precision: precision, held_out_auc: auc, held_out_p: p, held_out_q: q } = row
  return precision === null || auc === null || p === null || q === null ? null : { precision, auc, p, q }
}

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
      } else {
        // A model that is gone has no neurons to speak of.
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
    put(modelId: number, map: MeasuredNeuronMap): void {
      sql.transaction(() => {
        sql.run('DELETE FROM neuron_map WHERE model_id = ?', modelId)
        sql.run(
          `INSERT INTO neuron_map (model_id, request, training_clips, alignment, over_time, shuffled_baseline, mean_delta, seconds, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          modelId,
          JSON.stringify(map.request),
          map.trainingClips,
          map.alignment && JSON.stringify(map.alignment),
          map.overTime && JSON.stringify(map.overTime),
          map.shuffledBaseline,
          map.meanDelta,
          map.seconds,
          now(),
        )
        for (const neuron of map.neurons) {
          sql.run(
            `INSERT INTO neuron (model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic,
               held_out_precision, held_out_auc, held_out_p, held_out_q)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            modelId,
            neuron.neuron,
            neuron.part,
            neuron.topicId,
            neuron.delta,
            neuron.runnerUpId,
            neuron.margin,
            neuron.shuffled,
            Number(neuron.dead),
            Number(neuron.polysemantic),
            neuron.alignment?.precision ?? null,
            neuron.alignment?.auc ?? null,
            neuron.alignment?.p ?? null,
            neuron.alignment?.q ?? null,
          )
        }
      })
    },

    /** Gives a version with its parent's neurons the parent's map, if there is one, and what people say of them. */
    inherit(parentId: number, versionId: number): void {
      sql.transaction(() => {
        sql.run(
          `INSERT INTO neuron_map (model_id, request, training_clips, alignment, over_time, shuffled_baseline, mean_delta, seconds, created_at)
           SELECT ?, json_set(request, '$.modelId', ?), training_clips, alignment, over_time, shuffled_baseline, mean_delta, seconds, created_at
           FROM neuron_map WHERE model_id = ?`,
          versionId,
          versionId,
          parentId,
        )
        sql.run(
          `INSERT INTO neuron (model_id, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic,
             held_out_precision, held_out_auc, held_out_p, held_out_q)
           SELECT ?, neuron, part, topic_id, delta, runner_up_id, margin, shuffled, dead, polysemantic,
             held_out_precision, held_out_auc, held_out_p, held_out_q
           FROM neuron WHERE model_id = ?`,
          versionId,
          parentId,
        )
        sql.run(
          `INSERT INTO neuron_verdict (model_id, neuron, verdict, label, note)
           SELECT ?, neuron, verdict, label, note FROM neuron_verdict WHERE model_id = ?`,
          versionId,
          parentId,
        )
      })
    },

    /** Held-out alignment of a model's map beside that of its neurons; null: it has no map, or none was measured. */
    alignment(modelId: number): NeuronAlignment | null {
      const map = sql.get<{ alignment: string | null }>(
        'SELECT alignment FROM neuron_map WHERE model_id = ?',
        modelId,
      )
      return map?.alignment == null ? null : fromJson(storedAlignment, map.alignment)
    },

    get(modelId: number): StoredNeuronMap | null {
      const map = sql.get<{
        request: string
        training_clips: number | null
        alignment: string | null
        over_time: string | null
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
        trainingClips: map.training_clips,
        alignment: map.alignment === null ? null : fromJson(storedAlignment, map.alignment),
        overTime: map.over_time === null ? null : fromJson(storedOverTime, map.over_time),
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
