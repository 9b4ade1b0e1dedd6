"""What `guidemap assess` says to the person who answers, in English and Japanese."""

from __future__ import annotations

from maturity import text
from maturity.levels import State
from maturity.records.forms import Text
from maturity.records.guide_map import Practice

_EN = {
    "problems": "{count} problems in {folder}; they do not matter here. To see them: guidemap check {folder}",
    "who": "Who answers?",
    "title": "{name}, as of {on}. {count} practices to ask, {fresh} are fresh.",
    "nothing_due": "Nothing is due. Name practices with --practice, or use --reconfirm.",
    "keys": "ac: those items are done; all; none; i PRODUCT: a provider does; Enter: skip; ?: help; <: back; q: end",
    "level": "level {level}",
    "must": ", must",
    "why": "Why: {why}",
    "now": "Now: {state}",
    "given": "You said: {answer}",
    "items": "{done} of {total} items",
    "confirmed": "last confirmed {day} by {who}",
    "evidence_is": "Evidence: {text}",
    "unclear": "{answer!r} is not understood. Items: {items}. {keys}",
    "no_provider": "{answer!r} is no provider of {name}. Providers: {providers}.",
    "none": "none",
    "ask_evidence": "  Evidence, a URL (Enter: none{keep}): ",
    "keep_evidence": "; =: as before, {url}",
    "ask_note": "  Note (Enter: none): ",
    "unreadable": "That text cannot be written as UTF-8; type it again.",
    "summary": "{count} statements by {who} on {on} for {file}:",
    "sure": "Write them? [y/n] ",
    "say_y": "y or n, please.",
    "written": "{count} statements written to {file}.",
    "not_written": "Nothing was written.",
    "stopped": "Stopped; nothing was written.",
    "ended": "The input ended before a y; nothing was written. Without a terminal use --reconfirm or --form.",
    "reconfirm": "{name}, as of {on}: which are still as they were?",
    "reconfirm_keys": "Numbers such as 1-5 8, or all (without those marked !); Enter: none.",
    "which": "Still so: ",
    "no_number": "{answer!r} is not understood; numbers are 1 to {last}.",
    "nothing_to_confirm": "There is nothing to re-confirm.",
    "last_answer": "Last answer: {state}",
    "form_written": "{path}: {count} practices to fill in.",
    "form_head": """\
Form for {name}, {on}.
Every line that begins with #- is an answer that is not given yet; it shows the last one. Remove its # and write
the ids of the items that are done into items_done; [] says that none is. Where a provider does it, put
state: inherited, provider: PRODUCT in place of items_done. Evidence and a note: evidence: {{url: "https://..."}},
note: "...". Save the file as {file} in the data folder, and check it: guidemap check DIR""",
}

_JA = {
    "problems": "{folder} に問題が {count} 件あります（回答には影響なし）。確認: guidemap check {folder}",
    "who": "回答者は？",
    "title": "{name}（{on}時点）。質問 {count} 件、確認済み {fresh} 件。",
    "nothing_due": "期限の来ているものはありません。--practice で指定するか、--reconfirm を使ってください。",
    "keys": "ac: 済んだ項目、all: 全部、none: なし、i プロダクト: 提供元が実施、Enter: 次へ、?: 方法、<: 戻る、q: 終了",
    "level": "レベル{level}",
    "must": "・必須",
    "why": "理由: {why}",
    "now": "現在: {state}",
    "given": "今回の回答: {answer}",
    "items": "{total}項目中{done}項目",
    "confirmed": "前回の確認 {day}（{who}）",
    "evidence_is": "根拠: {text}",
    "unclear": "「{answer}」は読めません。項目: {items}。{keys}",
    "no_provider": "「{answer}」は{name}の提供元ではありません。提供元: {providers}。",
    "none": "なし",
    "ask_evidence": "  根拠のURL（Enter: なし{keep}）: ",
    "keep_evidence": "、=: 前回と同じ {url}",
    "ask_note": "  メモ（Enter: なし）: ",
    "unreadable": "UTF-8で書けない文字があります。もう一度入力してください。",
    "summary": "{who}さんの回答 {count} 件（{on}、{file} へ）:",
    "sure": "書き込みますか？ [y/n] ",
    "say_y": "y か n で答えてください。",
    "written": "{file} に {count} 件を書き込みました。",
    "not_written": "何も書き込んでいません。",
    "stopped": "中断しました。何も書き込んでいません。",
    "ended": "y の前に入力が終わり、何も書き込んでいません。端末がなければ --reconfirm か --form を使ってください。",
    "reconfirm": "{name}（{on}時点）: 今も変わらないものは？",
    "reconfirm_keys": "番号（例: 1-5 8）、all（! の付いたもの以外すべて）、Enter（なし）",
    "which": "変わらないもの: ",
    "no_number": "「{answer}」は読めません。番号は1から{last}です。",
    "nothing_to_confirm": "再確認するものはありません。",
    "last_answer": "前回の回答: {state}",
    "form_written": "{path}: {count} 件の記入欄を書き出しました。",
    "form_head": """\
{name} の記入用紙（{on}）
「#-」で始まる行が、まだ答えていない回答（内容は前回のもの）。先頭の # を消し、済んだ項目の記号を items_done に書く。
[] は「なし」。提供元が実施していれば、items_done の代わりに state: inherited, provider: プロダクト と書く。
根拠とメモ: evidence: {{url: "https://..."}}, note: "..."
データフォルダの {file} に保存し、確かめる: guidemap check DIR""",
}


class Voice:
    """Speaks one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        sentence = (_JA if self.language == "ja" else _EN)[key]
        return sentence.format(**values) if values else sentence

    def of(self, words: Text) -> str:
        """A text of the guide map in this language, on one line."""
        return " ".join(getattr(words, self.language).split())

    def practice(self, practice: Practice) -> str:
        """`own-01  Named owning team (level 1, must)`."""
        where = self("level", level=practice.level) + (self("must") if practice.must else "")
        return f"{practice.id}  {self.of(practice.name)} ({where})"

    def state(self, state: State) -> str:
        """State, items, and who confirmed it when."""
        parts = [text.say(self.language, f"practice_state.{state.state}")]
        if state.assessed and state.items_total:
            parts.append(self("items", done=state.items_done, total=state.items_total))
        if state.provider:
            parts.append(state.provider)
        if state.confirmed_on and state.statement:
            who = state.statement.record.assessor
            parts.append(self("confirmed", day=state.confirmed_on.isoformat(), who=who))
        return "、".join(parts) if self.language == "ja" else ", ".join(parts)
