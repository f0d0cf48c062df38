"""What a remote's refusal means, and what a person does about it."""

import re

_ADVICE = (
    (r"stale info|non-fast-forward|fetch first|cannot lock ref|already exists|remote ref updated",
     "the branch has moved: look at a new plan, then propose again"),
    (r"protected branch|protected ref|hook declined|pre-receive|not allowed to push|GH00\d|TF40",
     "the host protects this branch: propose the change with a pull request, or allow the"
     " connection's account to push"),
    (r"authentication failed|could not read (username|password)|permission .*denied|access denied"
     r"|returned error: 40[13]|write access|not permitted|publickey",
     "the connection's account may not write here: give it the right to push, or another secret"),
    (r"certificate|ssl",
     "the host's certificate is not trusted: set `ca` of the connection"),
    (r"host key verification failed",
     "the host's key is not known or has changed: set `knownHosts` of the source, or of its"
     " connection, to what the host publishes"),
    (r"not found|returned error: 404|does not appear to be a git repository",
     "the repository is not there, or hidden from the connection's account: check url and account"),
    (r"larger than|too large|exceeds|quota",
     "the host takes no change of this size: make it smaller"),
    (r"could not resolve|failed to connect|connection (timed out|refused|reset)|unable to access"
     r"|could not read from remote|timeout|error: 5\d\d",
     "the host cannot be reached: try again later, and check url and proxy of the connection"),
)  # fmt: skip
_READING = (
    (_ADVICE[2][0] + r"|secret '.*does not exist",
     "the account may not read the repository: set `passwordSecret` or `privateKeySecret` of the"
     " source, or of its connection, to the name of a secret with a valid token or key"),
    *(pair for pair in _ADVICE[3:]),
)  # fmt: skip
_AWAY = _ADVICE[-1][1]
_KINDS = [(re.compile(pattern, re.IGNORECASE), words) for pattern, words in _ADVICE]
_READING_KINDS = [(re.compile(pattern, re.IGNORECASE), words) for pattern, words in _READING]
_NOISE = re.compile(r"^(hint:|To |Done$|error: failed to push|fatal: the remote end hung|Writing )")
_ADDRESS = re.compile(r"(?:\w+://|[\w.-]+@[\w.-]+:)[^\s'\";]+")


def advice(words: str) -> str:
    """What to do about a refusal; empty where nothing is known of it."""
    return next((told for pattern, told in _KINDS if pattern.search(words)), "")


def advice_for_reading(words: str) -> str:
    """What to do about a remote that cannot be read; empty where nothing is known of it."""
    return next((told for pattern, told in _READING_KINDS if pattern.search(words)), "")


def away(words: str) -> bool:
    """Whether the host could not even be asked: another attempt may help."""
    return advice(words) == _AWAY


def told(text: str) -> str:
    """Git's words on one line, without hints and addresses."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = [line for line in lines if line and not _NOISE.match(line)]
    return _ADDRESS.sub("the repository", "; ".join(kept))[:600]
