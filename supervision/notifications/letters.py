"""The e-mail of a message: its title and a link, in the language chosen, and nothing about anybody."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from supervision.notifications.models import OutgoingMail
from supervision.settings import Settings

_FOOT = {
    "zh": "请登录平台查看详情：\n{link}\n\n本邮件由{authority}的供热监督平台自动发出，请勿回复。\n"
    "更改接收内容：{choice}\n",
    "en": "Sign in to read more:\n{link}\n\nSent by the heat supervision portal of {authority}; do not reply.\n"
    "Choose what you receive: {choice}\n",
}
_NAME = {"zh": "供热监督平台", "en": "Heat supervision portal"}


def letter(mail: OutgoingMail, settings: Settings) -> bytes:
    """The e-mail as it goes over the wire. The same mail gives the same Message-ID whenever it is written."""
    language = "en" if mail.language == "en" else "zh"
    title = mail.message.title_en if language == "en" else mail.message.title_zh
    authority = settings.authority_en if language == "en" else settings.authority_zh
    sender = settings.mail.sender
    written = EmailMessage(policy=SMTP)
    written["From"] = Address(_NAME[language], addr_spec=sender)
    written["To"] = Address(addr_spec=mail.address)
    written["Subject"] = title
    written["Date"] = format_datetime(mail.created_at)
    written["Message-ID"] = f"<{mail.public_id}@{sender.partition('@')[2]}>"
    written["Auto-Submitted"] = "auto-generated"
    foot = _FOOT[language].format(
        link=f"{settings.public_url}{mail.message.path}",
        authority=authority,
        choice=f"{settings.public_url}/messages/settings",
    )
    written.set_content(f"{title}\n\n{foot}", cte="base64")
    written["Content-Language"] = "zh-CN" if language == "zh" else "en"
    return written.as_bytes()


def is_address(text: str) -> bool:
    """Whether the text is one plain e-mail address of ASCII characters that a server would take."""
    if len(text) > 254 or not text.isascii() or any(character.isspace() for character in text):
        return False
    try:
        found = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    labels = found.domain.split(".")
    return parseaddr(text)[1] == text and len(labels) > 1 and all(_is_label(label) for label in labels)


def _is_label(text: str) -> bool:
    return (
        bool(text) and text.replace("-", "").isalnum() and not text.startswith("-") and not text.endswith("-")
    )
