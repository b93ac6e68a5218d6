using Rebound.Agents.Tasks;
using Rebound.Cli.Configuration;
using Rebound.Fuzz.Mutation;
using Rebound.Trajectories.Conditions;

namespace Rebound.Fuzz.Readers;

/// <summary>YAML that people write: tasks, prompts, options.</summary>
internal static class YamlReaders
{
    private static readonly TextMutator Yaml = new(
        [
            "- ", ": ", "\n", "\n  ", "\n    ", "&a ", "*a", "*n", "&n", "<<: *a", "!!binary ", "!!str ", "!<x> ", "? ", "|\n", ">-\n",
            "|9\n", "[", "]", "{", "}", ",", "#", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n",
            "\t", "'", "\"", "~", "null", "true", "0x1F", "1e400", "-0", ".inf", ".nan", "012", "1_000", "2001-01-01", "\"\\ud800\"",
            "\"\\x00\"", "\"\\U00110000\"", "name", "question", "conditions", "when", "reward", "f1", "cause",
            "from", "below", "prefix", "positive", "scorer", "tools", "math", "[a, *a]", "&a [*a, *a]", "{question}", "{{",
            "a: &a [a,a,a,a,a,a,a,a]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n",
        ],
        [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("&a [", "]"), ("\n - ", ""), ("\"", "\"")]);

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("task", Yaml, _ => Workbench.Files("task"), bench => input => UserTask.Load(bench.Write("task.yml", input))),
        new("prompt", Yaml, _ => Workbench.Files("prompt"),
            bench => input => DataReaders.Ask(PromptConfiguration.Load(bench.Write("prompt.yml", input)))),
        new("options", Yaml, _ => Workbench.Files("options"),
            bench => input => ConfigFile.Read(bench.Write("options.yml", input), _ => false)),
    ];
}
