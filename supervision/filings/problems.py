"""What can be wrong with a request to file, before any row is read: stable code, words, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """``code`` never changes its meaning; ``{detail}`` in the words stands for what was found."""

    code: str
    name: str
    status: int
    zh: str
    en: str
    mend_zh: str
    mend_en: str


PROBLEMS: dict[str, Problem] = {
    problem.code: problem
    for problem in (
        Problem("T01", "too_large", 413, "文件太大（{detail}）。", "The file is too large ({detail}).",
                "请拆分数据，或压缩成更紧凑的格式后报送。", "Split the data, or file it in a more compact format."),
        Problem("T02", "length_mismatch", 400, "收到的字节数与声明不符（{detail}）。", "The bytes received are not as many as declared ({detail}).",
                "传输可能中断，请重新上传同一文件。", "The transfer may have been cut: upload the same file again."),
        Problem("T03", "digest_mismatch", 400, "文件摘要与声明的 SHA-256 不符（收到 {detail}）。", "The file's SHA-256 is not the one declared (received {detail}).",
                "请确认选择的文件，重新计算摘要后上传。", "Check which file was chosen, compute its digest again and upload it."),
        Problem("T05", "malformed_digest", 400, "声明的摘要不是 SHA-256（{detail}）。", "The digest declared is no SHA-256 ({detail}).",
                "应为 64 位小写十六进制；不需要核对时可以不填。", "It must be 64 lower-case hexadecimal digits; leave it out if you need no comparison."),
        Problem("T06", "bad_filename", 400, "文件名不可用：{detail}。", "The file name cannot be used: {detail}.",
                "请改用 200 个字以内、不含控制字符和方向控制符的文件名。", "Use a name of at most 200 characters without control or direction characters."),
        Problem("T07", "wrong_method", 405, "不能用 {detail} 方法上传。", "A file cannot be uploaded by {detail}.",
                "请用 PUT 直接发送文件内容，或在网页上选择文件。", "Send the file's bytes by PUT, or choose the file on the upload page."),
        Problem("T08", "empty_file", 400, "文件没有内容。", "The file is empty.",
                "请重新导出并检查文件大小。", "Export it again and look at its size."),
        Problem("T09", "unknown_feed", 400, "没有数据类别“{detail}”。", "There is no feed “{detail}”.",
                "请选择标准列出的数据类别。", "Choose one of the feeds of the standard."),
        Problem("T10", "bad_period", 400, "报送期不可用：{detail}。", "The period cannot be used: {detail}.",
                "采暖季写作 2025-26，月份写作 2025-12，日期写作 2025-12-03，并按数据类别的规定选择。",
                "Write a season as 2025-26, a month as 2025-12 and a day as 2025-12-03, as the feed asks."),
        Problem("T11", "storage_full", 507, "存储空间不足，文件没有收下。", "There is no space left: the file was not taken.",
                "请稍后重试；如仍失败，请通知系统管理员。", "Try again later; if it fails again, tell the operator."),
        Problem("T13", "key_reused", 409, "幂等键“{detail}”已用于另一次报送。", "The idempotency key “{detail}” stands for another filing already.",
                "每次新的报送请用新的幂等键。", "Use a new key for each new filing."),
        Problem("T14", "no_file", 400, "没有选择文件。", "No file was chosen.",
                "请选择要报送的文件。", "Choose the file to be filed."),
        Problem("F01", "explanation_missing", 422, "没有新的说明；还需说明：{detail}。", "Nothing new is explained; still to be explained: {detail}.",
                "请选择说明代码并写 10 至 2000 个字，或上传填写好的审核报告。", "Choose a code and write 10 to 2,000 characters, or hand back the report filled in."),
        Problem("T15", "digest_missing", 400, "没有声明文件的 SHA-256。", "The SHA-256 of the file is not declared.",
                "请计算文件的 SHA-256（64 位小写十六进制）并在 sha256 中声明。", "Compute the SHA-256 of the file (64 lower-case hexadecimal digits) and declare it as sha256."),
        Problem("A01", "token_missing", 401, "请求没有令牌。", "The request has no token.",
                "请在 Authorization 头中写 Bearer 和令牌；登录网页的 Cookie 不能用于接口。", "Send the header Authorization: Bearer and the token; the cookies of the pages open nothing here."),
        Problem("A02", "token_unknown", 401, "令牌不正确。", "The token is not known.",
                "请核对令牌；遗失的令牌请由签署人重新生成。", "Check the token; one that was lost is made anew by the signatory."),
        Problem("A03", "token_expired", 401, "令牌已于 {detail} 到期。", "The token expired on {detail}.",
                "请由签署人在“接口令牌”页生成新的令牌。", "The signatory makes a new one on the page of tokens."),
        Problem("A04", "token_revoked", 401, "令牌已撤销，或企业不再受监管。", "The token was revoked, or its company is under supervision no more.",
                "请由签署人在“接口令牌”页生成新的令牌。", "The signatory makes a new one on the page of tokens."),
        Problem("A05", "too_many_tokens", 429, "此地址的错误令牌过多，请在 {detail} 秒后再试。", "Too many wrong tokens came from this address; try again in {detail} seconds.",
                "请先核对令牌，再按 Retry-After 头等待后重试。", "Check the token first, then wait as the header Retry-After says."),
        Problem("A06", "outside_token", 403, "令牌不适用于 {detail}。", "The token is not for {detail}.",
                "请改用适用的令牌，或由签署人生成包含该数据和报送期的令牌。", "Use another token, or have the signatory make one for this feed and period."),
        Problem("A07", "body_as_form", 415, "文件内容不能以网页表单编码发送。", "The bytes of a file cannot be sent as an encoded form.",
                "请加上 Content-Type: application/octet-stream（curl 用 -T 或 --data-binary），或用 multipart/form-data 发送。", "Add Content-Type: application/octet-stream (with curl -T or --data-binary), or send multipart/form-data."),
        Problem("A08", "not_signed", 409, "尚未签署，没有回执。", "It is not signed: there is no receipt yet.",
                "请由签署人登录平台签署；签署后再读取回执。", "The signatory signs on the portal; read the receipt after that."),
        Problem("A09", "not_judged", 409, "尚未审核完，没有审核报告。", "It is not judged yet: there is no report.",
                "请按 Retry-After 头等待后再读取。", "Read it again after what the header Retry-After says."),
        Problem("A10", "report_too_long", 422, "审核提示超过一张工作表的行数。", "The report has more rows than a sheet.",
                "请读取 CSV 或 Parquet 格式。", "Read it as CSV or Parquet."),
        Problem("U01", "length_missing", 400, "没有声明文件的字节数。", "The number of bytes is not declared.",
                "请在 Upload-Length 头中写明文件的字节数。", "Say it in the header Upload-Length."),
        Problem("U02", "wrong_offset", 409, "位置不符：已收到 {detail} 字节。", "The offset is another one: {detail} bytes have come.",
                "请查询已收到的字节数，从那里继续。", "Ask how many have come and go on from there."),
        Problem("U03", "part_too_large", 413, "这一段太大：{detail}。", "This part is too large: {detail}.",
                "请把文件分成不超过上限的段，总数与声明一致。", "Send parts within the limit that add up to what was declared."),
        Problem("U04", "tus_version", 412, "协议版本不支持：{detail}。", "This version of the protocol is not spoken: {detail}.",
                "请发送 Tus-Resumable: 1.0.0。", "Send Tus-Resumable: 1.0.0."),
        Problem("U05", "part_under_way", 423, "此文件的另一段正在接收。", "Another part of this file is being taken in.",
                "请稍候几秒，查询已收到的字节数后继续。", "Wait a few seconds, ask how many bytes have come, and go on."),
        Problem("U06", "part_checksum", 460, "这一段与其校验和不符，没有保留。", "This part is not what its checksum says and was not kept.",
                "请重新发送这一段。", "Send the part again."),
        Problem("U07", "part_type", 415, "段的类型应为 application/offset+octet-stream。", "A part has the type application/offset+octet-stream.",
                "请更改 Content-Type 头。", "Change the header Content-Type."),
        Problem("U08", "unfinished_quota", 409, "本企业未完成的上传已占用配额：{detail}。", "Unfinished uploads of the company take up its quota: {detail}.",
                "请先完成或取消未完成的上传，再上传新的文件。", "Finish or cancel the unfinished ones first."),
        Problem("U09", "checksum_algorithm", 400, "不支持的校验算法：{detail}。", "This checksum is not known: {detail}.",
                "请用 sha256 或 sha1。", "Use sha256 or sha1."),
        Problem("U10", "bad_metadata", 400, "Upload-Metadata 头无法识别：{detail}。", "The header Upload-Metadata cannot be read: {detail}.",
                "每项写成“名称 Base64 值”，用逗号分开；名称为 feed、period、filename、sha256、test、rows、totals、correction。", "Write each as name and Base64 value, separated by commas; names are feed, period, filename, sha256, test, rows, totals, correction."),
        Problem("D01", "dropped_name", 422, "文件名不能识别：{detail}。", "The name of the file says nothing: {detail}.",
                "请命名为 类别-报送期.扩展名，例如 bills-2025-12.csv。", "Call it feed-period.ending, such as bills-2025-12.csv."),
        Problem("D02", "dropped_kind", 422, "不能收取：{detail}。", "It cannot be taken: {detail}.",
                "请用本企业的帐号重新传送文件本身，不要用链接。", "Send the file itself with the company's own account, no link."),
        Problem("D03", "dropped_sum", 422, "校验文件无法识别：{detail}。", "The file with the checksum cannot be read: {detail}.",
                "请用 sha256sum 生成，或改用同名的 .done 文件。", "Make it with sha256sum, or put down a file .done of the same name instead."),
        Problem("D04", "dropped_declaration", 422, "声明文件不可用：{detail}。", "The file with the declaration cannot be used: {detail}.",
                '写成 UTF-8 的 JSON，如 {"rows": 2, "totals": {"total": "123.45"}}，还可写 "correction": true、"test": true；与数据文件一起重新传送。',
                'Write it as JSON in UTF-8, such as {"rows": 2, "totals": {"total": "123.45"}}, also with "correction": true or "test": true, and put both files down again.'),
        Problem("K01", "token_name", 422, "名称不可用或已用过：{detail}。", "The name cannot be used, or was used before: {detail}.",
                "请用 2 至 40 个小写字母、数字、点、连字符或下划线，且本企业从未用过。", "Use 2 to 40 lower-case letters, digits, points, hyphens or underlines that the company never used."),
        Problem("K02", "token_day", 422, "到期日须在此范围内：{detail}。", "The last day must lie within {detail}.",
                "请改填日期。", "Enter another day."),
        Problem("K03", "token_ends_when_due", 422, "令牌会在报送期限前失效：{detail}。", "The token would end just before a filing is due: {detail}.",
                "请选择截止日当天或以后的日期。", "Choose that day or a later one."),
        Problem("K04", "token_without_feeds", 422, "没有选择数据类别。", "No feed was chosen.",
                "请至少选择一类数据。", "Choose at least one."),
        Problem("F02", "newer_signed", 409, "第 {detail} 次报送较新，已经签署。", "Filing {detail} is newer and already signed.",
                "较早的报送不能再签署；数据有变化时请重新上传。", "An earlier filing cannot be signed any more; upload again when the data change."),
        Problem("F03", "difference_not_seen", 409, "与现行报送的差异尚未确认，或现行报送已经变化。", "The difference to the filing in force is not acknowledged, or that filing has changed.",
                "请刷新页面，核对差异并勾选确认后再签署。", "Load the page again, compare the difference, tick the box and sign."),
        Problem("F05", "not_confirmed", 422, "没有勾选签署确认。", "The confirmation was not ticked.",
                "请阅读确认内容，勾选后再签署。", "Read what is confirmed, tick the box and sign."),
        Problem("F06", "nothing_owed", 404, "没有这项报送义务：{detail}。", "Nothing is owed for {detail}.",
                "请从报送时限页面打开要延期的一项。", "Open the item from the page of due days."),
        Problem("F07", "no_later_day", 422, "新的截止日须在此范围内，且晚于现截止日：{detail}。", "The new last day must be later than the present one, within {detail}.",
                "请改填日期。", "Enter another day."),
        Problem("F08", "filed_already", 409, "该期已经报送。", "This period is filed already.",
                "不需要延期。", "There is nothing to extend."),
        Problem("F09", "bad_outage", 422, "中断的起止时间不可用。", "Beginning and end of the outage cannot be used.",
                "结束不得早于开始，也不得晚于现在。", "It must end after it began, and not in the future."),
        Problem("F13", "nothing_not_possible", 422, "{detail}不能声明无数据。", "It cannot be declared that there is nothing for {detail}.",
                "本类数据每期都应有数据，请报送；确不适用的，请向监管部门申请免报。", "There is something of this feed in each period: file it, or ask the authority for an exemption."),
        Problem("F14", "period_not_over", 409, "{detail}尚未结束。", "{detail} is not over yet.",
                "请在该期结束后再声明。", "Declare it when the period is over."),
        Problem("F15", "something_filed", 409, "{detail}已有报送。", "Something is filed for {detail} already.",
                "请签署已有的报送；上传有误的，先撤回再声明。", "Sign what is there; withdraw it first where it was uploaded by mistake."),
        Problem("F16", "bad_exemption", 422, "免报的起止日期不可用。", "The days of the exemption cannot be used.",
                "结束日不得早于起始日；不填结束日的，至另行通知为止。", "It must not end before it begins; without a last day it holds until further notice."),
        Problem("F17", "exemption_ended", 409, "这项免报已经结束。", "This exemption has ended already.",
                "请刷新页面。", "Load the page again."),
        Problem("F18", "silence_settled", 409, "这段无响应时间已经处理。", "This silence of the service is settled already.",
                "请刷新页面。", "Load the page again."),
        Problem("F19", "outage_reason", 422, "请写明中断原因，10至500字。", "Say why the portal was away, in 10 to 500 characters.",
                "写明发生了什么、哪些功能不能使用。", "Say what happened and what could not be used."),
        Problem("F10", "test_filing", 409, "试报不能说明或签署。", "A test filing is neither explained nor signed.",
                "请正式上传同一文件。", "Upload the same file in earnest."),
        Problem("F11", "nothing_to_correct", 409, "{detail} 没有已签署的报送，不能部分更正。", "No signed filing of {detail} is in force to correct.",
                "请上传完整文件。", "Upload the whole file."),
        Problem("F12", "base_superseded", 409, "更正所依据的报送已不是现行报送。", "The filing that this corrects is no longer in force.",
                "请按现行报送重新下载行摘要，重新提交更正。", "Download the digests of the filing in force and file the correction again."),
        Problem("T16", "bad_declaration", 400, "声明的行数或控制合计不可用：{detail}。", "The rows or control totals declared cannot be used: {detail}.",
                "行数写整数；合计写作 total=123.45，多项用分号隔开。", "Write rows as a whole number and totals as total=123.45, several with semicolons between."),
        Problem("F21", "rule_not_withdrawable", 409, "规则 {detail} 不能撤销。", "Edit {detail} cannot be withdrawn.",
                "读取数值和核对主键的规则属于数据标准，只能随标准的新版本改变。", "What reads values and keeps keys apart is the data standard itself and changes with a new version of it."),
        Problem("F22", "rule_withdrawn_already", 409, "规则 {detail} 已提议撤销或已撤销。", "The withdrawal of {detail} is proposed or decided already.",
                "请刷新页面。", "Load the page again."),
        Problem("F23", "nothing_proposed", 409, "没有待决定的撤销提议：{detail}。", "No withdrawal of {detail} waits for a decision.",
                "请刷新页面。", "Load the page again."),
        Problem("F24", "same_person", 409, "提议人不能决定自己的提议。", "Whoever proposed it cannot decide on it.",
                "请由另一位主管人员决定。", "Another supervising officer has to decide."),
        Problem("F31", "draft_waits", 409, "{detail}已有一个未签署的对应方案草稿。", "A draft of the mapping profile for {detail} waits already.",
                "请修改、签署或放弃该草稿。", "Mend, sign or discard that one first."),
        Problem("F32", "profile_unchanged", 409, "与现行第 {detail} 版相同，没有变化。", "It says what version {detail}, which is in force, says.",
                "不需要签署；请放弃该草稿。", "There is nothing to sign: discard the draft."),
        Problem("F33", "profile_unfit", 422, "对应方案不可用：{detail}", "The mapping profile cannot be used: {detail}",
                "请按提示修改后再保存。", "Mend what is named and save again."),
        Problem("F04", "receipt_unknown", 404, "没有回执“{detail}”。", "There is no receipt “{detail}”.",
                "请从回执上原样抄录编号。", "Copy the number from the receipt as it stands."),
    )
}  # fmt: skip


class FilingRefused(Exception):
    """The request cannot be met; ``zh`` and ``en`` say what, ``mend_zh`` and ``mend_en`` how to mend it."""

    def __init__(self, code: str, detail_zh: object = "", detail_en: object = None) -> None:
        problem = PROBLEMS[code]
        self.problem = problem
        self.code, self.name, self.status = problem.code, problem.name, problem.status
        self.zh = problem.zh.format(detail=detail_zh)
        self.en = problem.en.format(detail=detail_zh if detail_en is None else detail_en)
        self.mend_zh, self.mend_en = problem.mend_zh, problem.mend_en
        self.detail = detail_zh
        super().__init__(f"{self.code} {self.zh} / {self.en}")

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "mend_zh": self.mend_zh,
            "mend_en": self.mend_en,
        }


class NoSuchFiling(LookupError):
    """No filing has this identifier, or it is not one the asker may see: the two are told apart by nobody."""
