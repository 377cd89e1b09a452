"""tests/talk/match.py -- does a reply say what the conversation expects?

Patterns are described in README.md. Where IMAP leaves the order open (flags, FETCH items, LIST
attributes, STATUS pairs, SEARCH results, capabilities) it is left open here.
"""
import re

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
LITERAL = re.compile(r"~?\{(\d+)\}\r\n")
OPEN, SHUT = "([", ")]"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def string_forms(text):
    """A regular expression for a string sent quoted, as a literal or as a literal8."""
    forms = ["~?" + re.escape("{%d}\r\n%s" % (len(text), text))]
    if not re.search(r"[\r\n\0]", text):
        forms.append(re.escape(quoted(text)))
    return "(?:" + "|".join(forms) + ")"


def name_forms(text):
    return "(?:%s|%s)" % (string_forms(text), re.escape(text) if re.match(r"[^ (){%*\"\\]+$", text)
                          else "(?!)")


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape")


def split_top(text):
    """The words of a list: split at spaces outside of (), [], quotes, literals and {{ }}."""
    words, start, depth, i = [], 0, 0, 0
    while i < len(text):
        c = text[i]
        literal = LITERAL.match(text, i)
        if literal:
            i = literal.end() + int(literal[1])
            continue
        if text.startswith("{{", i):
            end = text.find("}}", i)
            i = len(text) if end < 0 else end + 2
            continue
        if c == '"':
            i += 1
            while i < len(text) and text[i] != '"':
                i += 2 if text[i] == "\\" else 1
        elif c in OPEN:
            depth += 1
        elif c in SHUT:
            depth -= 1
        elif c == " " and depth == 0:
            words.append(text[start:i])
            start = i + 1
        i += 1
    if start < len(text):
        words.append(text[start:])
    return words


def inner(text):
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def plain_literals(text):
    """Literals that could have been quoted strings, as quoted strings."""
    out, i = [], 0
    while (literal := LITERAL.search(text, i)) is not None:
        end = literal.end() + int(literal[1])
        body = text[literal.end() : end]
        out.append(text[i : literal.start()])
        out.append(text[literal.start() : end] if re.search(r"[\r\n\0\x80-\xff]", body)
                   else quoted(body))
        i = end
    return "".join(out) + text[i:]


class Matcher:
    """Holds what `{{name}}` has captured so far."""

    def __init__(self, values):
        self.values = dict(values)
        self.samples = {}

    def fill_in(self, text):
        """For what the client sends: known names, {{sample:x}} and {{raw:escapes}}."""

        def one(found):
            inside = found[1]
            if inside.startswith("raw:"):
                return unescape(inside[4:])
            if inside.startswith("repeat:"):
                count, what = inside[7:].split(":", 1)
                return unescape(what) * int(count)
            if inside.startswith("sample:"):
                return self.samples[inside[7:]]
            if inside.startswith("size:"):
                return str(len(self.samples[inside[5:]]))
            if inside.startswith("literal:"):
                name, plus, _ = re.match(r"literal:(\w+)(\+?)()", inside).groups()
                return "{%d%s}" % (len(self.samples[name]), plus)
            if inside not in self.values:
                raise KeyError(f"{{{{{inside}}}}} was never captured")
            return self.values[inside]

        return re.sub(r"\{\{(.*?)\}\}", one, text)

    # A pattern becomes one regular expression.

    def expression(self, pattern):
        out, groups = [], []
        for part in re.split(r"(\{\{.*?\}\}|\.\.\.)", pattern):
            if part == "...":
                out.append(".*?")
            elif part.startswith("{{"):
                out.append(self.inside(part[2:-2], groups))
            else:
                out.append(re.escape(part))
        return re.compile("".join(out), re.DOTALL), groups

    def inside(self, text, groups):
        if text.startswith("/") and text.endswith("/"):
            text = text[1:-1]
            return f"(?i:{text[4:]})" if text.startswith("(?i)") else f"(?:{text})"
        if text.startswith("str:"):
            return string_forms(unescape(text[4:]))
        if text.startswith("mbox:"):
            return name_forms(text[5:])
        if text.startswith("sample:"):
            return string_forms(self.samples[text[7:]])
        if text.startswith("size:"):
            return str(len(self.samples[text[5:]]))
        if text == "any":
            return r"[^ \[\]()]+"
        if text in self.values:
            return re.escape(self.values[text])
        if text in groups:
            return f"(?P={text})"
        if not NAME.match(text):
            raise ValueError(f"not understood: {{{{{text}}}}}")
        groups.append(text)
        return rf"(?P<{text}>[^ \[\]()]+)"

    def text(self, pattern, got):
        """The plain case; also lets a quoted string in the pattern match a literal."""
        expression, groups = self.expression(pattern)
        for form in (got, plain_literals(got)):
            if (found := expression.fullmatch(form)) is not None:
                self.values.update({g: found[g] for g in groups})
                return True
        return False

    # Lists without order.

    def words(self, pattern, got):
        """Every word of the pattern is there, nothing else; `?word` may be, `...` is any more."""
        left = list(got)
        for want in pattern:
            if want == "..." or want.startswith("?"):
                continue
            for i, word in enumerate(left):
                if self.text(want.lower(), word.lower()) if "{{" not in want \
                        else self.text(want, word):
                    del left[i]
                    break
            else:
                return False
        optional = {w[1:].lower() for w in pattern if w.startswith("?")}
        return "..." in pattern or all(word.lower() in optional for word in left)

    def pairs(self, pattern, got):
        """Like words, for lists of name and value; `?NAME value` may be there."""
        more = "..." in pattern
        pattern = [w for w in pattern if w != "..."]
        if len(got) % 2 or len(pattern) % 2:
            return False
        left = {got[i].upper(): got[i + 1] for i in range(0, len(got), 2)}
        if len(left) * 2 != len(got):
            return False  # an item told twice
        for i in range(0, len(pattern), 2):
            name, value = pattern[i].upper(), pattern[i + 1]
            optional, name = name.startswith("?"), name.lstrip("?")
            if name not in left:
                if optional:
                    continue
                return False
            if not self.value(name, value, left.pop(name)):
                return False
        return more or not left

    def value(self, name, pattern, got):
        if name == "FLAGS" and pattern.startswith("("):
            return got.startswith("(") and self.words(split_top(inner(pattern)),
                                                      split_top(inner(got)))
        return self.text(pattern, got)

    # Replies with a shape of their own.

    def reply(self, pattern, got):
        for shape, method in SHAPES:
            want, have = shape.match(pattern), shape.match(got)
            if want and have:
                return method(self, want, have)
        return self.text(pattern, got)

    def fetch(self, want, have):
        return self.text(want[1], have[1]) and self.pairs(split_top(want[2]), split_top(have[2]))

    def set_of(self, want, have):
        return want[1].upper() == have[1].upper() and self.words(split_top(want[2]),
                                                                 split_top(have[2]))

    def flag_code(self, want, have):
        return self.words(split_top(want[1]), split_top(have[1])) and self.text(want[2], have[2])

    def listing(self, want, have):
        if want[1] != have[1] or not self.words(split_top(want[2]), split_top(have[2])):
            return False
        want, have = split_top(want[3]), split_top(have[3])
        if len(have) < 2 or len(want) < 2:
            return want == ["..."]
        return (self.text(want[0], have[0]) and self.mailbox(want[1], have[1])
                and self.text(" ".join(want[2:]), " ".join(have[2:])))

    def mailbox(self, want, have):
        if "{{" in want or want == "...":
            return self.text(want, have)
        name = want[1:-1] if want.startswith('"') else want
        return re.fullmatch(name_forms(name), have) is not None

    def status(self, want, have):
        want_name, want_items = split_top(want[1])
        have_words = split_top(have[1])
        return (len(have_words) == 2 and self.mailbox(want_name, have_words[0])
                and self.pairs(split_top(inner(want_items)), split_top(inner(have_words[1]))))

    def esearch(self, want, have):
        if want[1] == "...":
            return True
        want, have = split_top(want[1] or ""), split_top(have[1] or "")
        for lead in ("(", "UID"):
            w, h = (x and x[0].startswith(lead) for x in (want, have))
            if bool(w) != bool(h):
                return False
            if w and not self.text(want.pop(0), have.pop(0)):
                return False
        return self.pairs(want, have)


SHAPES = [
    (re.compile(r"\* (\S+) FETCH \((.*)\)$", re.DOTALL), Matcher.fetch),
    (re.compile(r"\* (\S+) UIDFETCH \((.*)\)$", re.DOTALL), Matcher.fetch),
    (re.compile(r"\* (FLAGS) \((.*)\)$"), Matcher.set_of),
    (re.compile(r"\* (CAPABILITY|ENABLED|SEARCH)\b ?(.*)$"), Matcher.set_of),
    (re.compile(r"\* OK \[PERMANENTFLAGS \(([^)]*)\)\](.*)$"), Matcher.flag_code),
    (re.compile(r"\* (LIST|LSUB) \(([^)]*)\) (.*)$", re.DOTALL), Matcher.listing),
    (re.compile(r"\* STATUS (.*)$", re.DOTALL), Matcher.status),
    (re.compile(r"\* ESEARCH(?: (.*))?$"), Matcher.esearch),
]
