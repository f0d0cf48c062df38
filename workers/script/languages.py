"""Script and Commands of each language: a table, two task types for each row."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.model.property import Dynamic
from app.plugin.context import RunContext
from workers.runner.command import CommandRunner
from workers.script.base import CommandsTask, InlineTask, ScriptTask

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
    inline: type[InlineTask] = InlineTask


class _PowerShell(InlineTask):
    """A script file is a command of its own, found only by its path."""

    def command(self, ctx: RunContext, runner: CommandRunner, name: str) -> str:
        """The file itself."""
        return f"./{name}"


class _JBang(InlineTask):
    """JBang: the kind of source is the file's ending."""

    quiet: Dynamic[bool] = True
    """Whether JBang's own messages are left out."""
    extension: Dynamic[str] = ".java"
    """The ending of the script's file: `.java`, `.kt`, `.groovy`, `.jsh`."""

    def file_name(self, ctx: RunContext) -> str:
        """The script's name, with the wanted ending."""
        ending = str(ctx.render(self.extension)).lstrip(".")
        return super().file_name(ctx).removesuffix(self.ending) + f".{ending}"

    def command(self, ctx: RunContext, runner: CommandRunner, name: str) -> str:
        """JBang with its flags."""
        return f"jbang --quiet {name}" if ctx.read(self.quiet, bool) else f"jbang {name}"


class _DotNet(InlineTask):
    """.NET: its image has no runner of scripts, so that comes first."""

    def command(self, ctx: RunContext, runner: CommandRunner, name: str) -> str:
        """Installs `dotnet-script` where it is missing."""
        return (
            'export PATH="$PATH:$HOME/.dotnet/tools"\n'
            "command -v dotnet-script >/dev/null || dotnet tool install --global dotnet-script\n"
            f"dotnet-script {name}"
        )


_POWERSHELL: dict[str, Any] = {
    "interpreter": ["pwsh", "-NoProfile", "-NonInteractive", "-Command"],
}
LANGUAGES = (
    Language("shell", "Shell", "ubuntu", "", ""),
    Language("node", "Node", "node", ".js", "node"),
    Language(
        "powershell",
        "PowerShell",
        "ghcr.io/kestra-io/powershell:latest",
        ".ps1",
        "",
        _POWERSHELL,
        _PowerShell,
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
    Language("jbang", "JBang", "jbangdev/jbang-action", ".java", "jbang", {}, _JBang),
    Language("dotnet", ".NET", "mcr.microsoft.com/dotnet/sdk:10.0", ".csx", "", {}, _DotNet),
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
        _type(language, "Script", language.inline, f"Run a {language.name} script."),
        _type(language, "Commands", CommandsTask, f"Run commands with {language.name} at hand."),
    )
]


def type_of(package: str, kind: str) -> type[ScriptTask]:
    """The type of a language: `Script` or `Commands`."""
    name = f"{_PREFIX}{package}.{kind}"
    found: type[ScriptTask] = next(made for made in TYPES if vars(made)["type_name"] == name)
    return found
