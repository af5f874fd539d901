import type { FailureTexts } from '../../failure-texts.ts'

const ANEW = '请重新复制该归档，或在原处重新制作。'
const DISTRUST = '没有解包任何内容。请询问制作者：Vitrine 不会写出这样的归档。'

/** The file that holds a whole project. */
export const archive: FailureTexts = {
  broken: { message: '{file} 无法解包 ({reason})。', remedy: ANEW },
  notAnArchive: {
    message: '{file} 不是项目的归档：其中没有文件清单。',
    remedy: '请指定由“vitrine archive”或窗口中的“导出”制作的文件。',
  },
  newer: { message: '{file} 由较新版本的 Vitrine 制作。', remedy: '请更新 Vitrine。' },
  listUnfit: { message: '{file} 中的文件清单已损坏：{reason}。', remedy: ANEW },
  nameUnfit: {
    message: '{file} 中有“{name}”，并非所有系统都允许文件夹中的文件使用这个名称。',
    remedy: DISTRUST,
  },
  twice: { message: '{file} 中有两个“{name}”。', remedy: DISTRUST },
  link: { message: '{file} 中的“{name}”是链接，或不是文件的其他内容。', remedy: DISTRUST },
  notListed: { message: '{file} 中的“{name}”不在其文件清单中。', remedy: DISTRUST },
  missing: { message: '{file} 缺少其文件清单中的“{name}”。', remedy: ANEW },
  altered: { message: '{file} 已损坏：其中的“{name}”与打包时不同。', remedy: ANEW },
  bomb: {
    message: '{file} 会从 {packed} 解包为 {unpacked}：没有项目能压得这么小。',
    remedy: DISTRUST,
  },
}
