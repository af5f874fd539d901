import type { FailureTexts } from '../../failure-texts.ts'

export const jobs: FailureTexts = {
  jobUnknown: { message: '这里没有启动过任务 {jobId}。' },
  jobElsewhere: { message: '“{job:job}”是另一个程序的工作。', remedy: '请在那里暂停或取消。' },
  notPausable: { message: '“{job:job}”现在无法暂停。', remedy: '请等待，或取消它。' },
  requestUnknown: {
    message: '“{job:job}”无法重新开始：旧版本的 Vitrine 没有记下它的设置。',
    remedy: '请从它的视图开始。',
  },
  requestOutdated: {
    message: '“{job:job}”无法重新开始：此版本的 Vitrine 对它有不同的设置。',
    remedy: '请从它的视图开始。',
  },
  restartedAlready: { message: '“{job:job}”已经重新开始过。', remedy: '接续它的任务在任务列表中。' },
  jobNotEndedEarly: {
    message: '“{job:job}”没有提前结束：它的状态是 {state:state}。',
    remedy: '只有失败、取消或中断的工作才能重新开始。',
  },
}
