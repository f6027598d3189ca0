"""What an evidence pack says, in English and Japanese."""

from __future__ import annotations

EN = {
    "pack": "Evidence pack",
    "made": "Made",
    "made_by": "Made by",
    "by_version": "With Koban",
    "limited": "Limited to",
    "framework": "Framework",
    "publisher": "Publisher",
    "page": "Page {page}",
    "contents": "Contents",
    "scope": "Scope",
    "scope_text": (
        "What was judged: the resources of these targets as the last scan of each read them. What could not be read is "
        "listed below and is never counted as fulfilled."
    ),
    "target": "Target",
    "kind": "Kind",
    "last_scan": "Last scan",
    "never": "never",
    "account": "Account",
    "name": "Name",
    "environment": "Environment",
    "not_read": "What could not be read",
    "nothing_not_read": "Everything that was asked for could be read.",
    "type": "Type",
    "region": "Region",
    "why": "Why",
    "method": "Method",
    "method_text": (
        "Each control is answered by rules. A rule looks at one resource and says whether it is bad. A resource "
        "fails where that is certain, and passes where that is certain; where the answer hangs on something that "
        "could not be read or is not known, it is unknown, and the pack says on what it hangs. A control stands "
        "where the worst of its rules stands: failed, unknown, excepted, passed. Exceptions are findings that "
        "somebody with the right to do so has accepted until a day; they are listed with their reasons. A control "
        "that no programme can answer is manual: people judge it and add their evidence. A control is not judged "
        "where nothing was read that its rules are for. The score is the share of the judged controls that passed."
    ),
    "summary": "Summary",
    "state": "State",
    "controls": "Controls",
    "score": "Score",
    "nothing_judged": "nothing judged",
    "failed": "failed",
    "unknown": "unknown",
    "excepted": "excepted",
    "passed": "passed",
    "manual": "manual",
    "not_judged": "not judged",
    "section": "Section",
    "control": "Control",
    "title": "Title",
    "responsibility": "Responsibility",
    "customer": "customer",
    "shared": "shared",
    "provider": "provider",
    "rule": "Rule",
    "resource": "Resource",
    "place": "Place",
    "last_read": "Last read",
    "message": "What was found",
    "manual_text": "People judge this control. Add the evidence here: document, owner, date.",
    "not_judged_text": "Nothing was read that the rules of this control are for.",
    "more": "and {count} more; the table beside this document (CSV) has them all",
    "exceptions": "Exceptions",
    "no_exceptions": "No finding of this framework is under an exception that was decided here.",
    "number": "No.",
    "for_what": "For",
    "reason": "Reason",
    "decided": "Decided",
    "until": "Until",
    "evidence": "Evidence",
}
JA = {
    "pack": "証跡パック",
    "made": "作成日時",
    "made_by": "作成者",
    "by_version": "Koban のバージョン",
    "limited": "範囲の制限",
    "framework": "フレームワーク",
    "publisher": "発行元",
    "page": "{page} ページ",
    "contents": "目次",
    "scope": "範囲",
    "scope_text": (
        "判定の対象は、以下の各ターゲットの最新のスキャンで読み取ったリソースです。読み取れなかったものは下に示し、"
        "満たしているとは数えません。"
    ),
    "target": "ターゲット",
    "kind": "種類",
    "last_scan": "最新のスキャン",
    "never": "なし",
    "account": "アカウント",
    "name": "名前",
    "environment": "環境",
    "not_read": "読み取れなかったもの",
    "nothing_not_read": "要求したものはすべて読み取れました。",
    "type": "型",
    "region": "リージョン",
    "why": "理由",
    "method": "方法",
    "method_text": (
        "各管理策にはルールが対応します。ルールは一つのリソースを見て、問題があるかどうかを判定します。確実に問題があれば不適合、"
        "確実に問題がなければ適合です。読み取れなかったことや分からないことに答えが左右される場合は不明とし、"
        "何に左右されるかを示します。管理策の状態は、対応するルールの結果のうち最も悪いもの（不適合、不明、例外、適合の順）です。"
        "例外は、権限を持つ人が期限を決めて受け入れた検出結果で、理由とともに示します。プログラムでは判定できない管理策は手動とし、"
        "人が判断して証跡を加えます。ルールの対象となるリソースがなかった管理策は未判定です。"
        "スコアは、判定した管理策のうち適合したものの割合です。"
    ),
    "summary": "概要",
    "state": "状態",
    "controls": "管理策",
    "score": "スコア",
    "nothing_judged": "判定なし",
    "failed": "不適合",
    "unknown": "不明",
    "excepted": "例外",
    "passed": "適合",
    "manual": "手動",
    "not_judged": "未判定",
    "section": "区分",
    "control": "管理策",
    "title": "表題",
    "responsibility": "責任",
    "customer": "利用者",
    "shared": "共有",
    "provider": "事業者",
    "rule": "ルール",
    "resource": "リソース",
    "place": "場所",
    "last_read": "最終読取",
    "message": "検出内容",
    "manual_text": "この管理策は人が判断します。証跡（文書、担当者、日付）をここに加えてください。",
    "not_judged_text": "この管理策のルールの対象となるリソースは読み取られませんでした。",
    "more": "ほか {count} 件。すべては CSV の表にあります",
    "exceptions": "例外",
    "no_exceptions": "このフレームワークの検出結果に、ここで決定された例外はありません。",
    "number": "番号",
    "for_what": "対象",
    "reason": "理由",
    "decided": "決定",
    "until": "期限",
    "evidence": "証跡",
}
WORDS = {"en": EN, "ja": JA}
