using System.CommandLine;
using Rebound.Checkpoints;
using Rebound.Text;

namespace Rebound.Cli.Data;

/// <summary>The option that names what counts tokens.</summary>
internal static class TokenizerOption
{
    public static Option<string?> Create() => new("--tokenizer", "--model", "-m")
    {
        Description = "Count tokens of the turns' texts: a model, a tokenizer.json or a folder that has one",
        HelpName = "PATH",
    };

    /// <summary>Null where the option was not given.</summary>
    public static Tokenizer? Open(CommandContext context, Option<string?> option) =>
        context.Get(option) is { } path ? TokenizerSource.Open(path).Tokenizer : null;
}
