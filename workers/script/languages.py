"""Script and Commands of each language: a table, two task types for each row."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from workers.script.base import CommandsTask, InlineTask

_PREFIX = "io.kestra.plugin.scripts."


@dataclass(frozen=True)
class Language:
    """A row: package, name, image, ending of a script's file, the program that runs it."""

    package: str
    name: str
    image: str
    ending: str
    program: str
    more: dict[str, Any] = field(default_factory=dict)


_POWERSHELL: dict[str, Any] = {
    "interpreter": ["pwsh", "-NoProfile", "-NonInteractive", "-Command"],
}
LANGUAGES = (
    Language("shell", "Shell", "ubuntu", "", ""),
    Language("node", "Node", "node", ".js", "node"),
    Language(
        "powershell", "PowerShell", "ghcr.io/kestra-io/powershell:latest", ".ps1", "", _POWERSHELL
    ),
    Language("r", "R", "r-base", ".R", "Rscript"),
    Language("ruby", "Ruby", "ruby", ".rb", "ruby"),
    Language("julia", "Julia", "julia", ".jl", "julia"),
    Language("go", "Go", "golang", ".go", "go run"),
    Language("php", "PHP", "php", ".php", "php"),
    Language("perl", "Perl", "perl", ".pl", "perl"),
    Language("lua", "Lua", "nickblah/lua", ".lua", "lua"),
    Language("bun", "Bun", "oven/bun", ".ts", "bun run"),
    Language("deno", "Deno", "denoland/deno", ".ts", "deno run"),
    Language("groovy", "Groovy", "groovy", ".groovy", "groovy"),
    Language("jbang", "JBang", "jbangdev/jbang-action", ".java", "jbang --quiet"),
    Language("dotnet", ".NET", "mcr.microsoft.com/dotnet/sdk:10.0", ".csx", "dotnet-script"),
)


def _type(language: Language, kind: str, base: type, doc: str) -> type:
    values: dict[str, Any] = {
        "__doc__": doc,
        "__module__": __name__,
        "__qualname__": f"{language.name}{kind}",
        "type_name": f"{_PREFIX}{language.package}.{kind}",
        "image": language.image,
        "ending": language.ending,
        "program": language.program,
    }
    names = ("type_name", "image", "ending", "program")
    annotations: dict[str, Any] = dict.fromkeys(names, ClassVar[str])
    for name, value in language.more.items():
        annotations[name] = list[str]
        values[name] = value
    values["__annotations__"] = annotations
    return type(f"{language.name}{kind}", (base,), values)


#: the types, kept alive here; the registry finds them as subclasses
TYPES = [
    made
    for language in LANGUAGES
    for made in (
        _type(language, "Script", InlineTask, f"Run a {language.name} script."),
        _type(language, "Commands", CommandsTask, f"Run commands with {language.name} at hand."),
    )
]
