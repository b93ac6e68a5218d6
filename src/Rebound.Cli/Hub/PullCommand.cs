using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Hub;
using Rebound.Hub.Cache;

namespace Rebound.Cli.Hub;

/// <summary><c>rebound pull</c>: downloads a model from the Hugging Face hub.</summary>
internal static class PullCommand
{
    private static readonly Argument<string?> Name = new("name")
    {
        HelpName = "OWNER/NAME",
        Description = "The model's name on the hub; behind a colon one of its files, or a GGUF file's quantization such as Q4_K_M",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> Revision = new("--revision")
    {
        HelpName = "NAME",
        Description = "A branch, a tag or a commit",
        DefaultValueFactory = _ => HubCache.Main,
    };

    public static CliCommand Create() => new("pull", "Download a model or an adapter from the Hugging Face hub", Run)
    {
        Arguments = { Name },
        MoreOptions = [Revision],
        Needs = [new Need("the model's name on the hub, such as Qwen/Qwen3-0.6B", Name)],
        Details = "Weights (.safetensors, or the chosen .gguf), configurations and the tokenizer go to the hub's cache, which other tools "
            + "share; what is there already is not downloaded again, and a download that ended is gone on with. Wherever a model is "
            + "named, OWNER/NAME leads there afterwards. HF_TOKEN or the hub's token file opens private and gated models; HF_HOME, "
            + "HF_HUB_CACHE, HF_ENDPOINT and HF_HUB_OFFLINE mean what they mean elsewhere. docs/models.md has the rest.",
        Examples =
        [
            "rebound pull Qwen/Qwen3-0.6B",
            "rebound pull unsloth/Qwen3-0.6B-GGUF:Q4_K_M",
            "rebound chat Qwen/Qwen3-0.6B",
        ],
    };

    private static int Run(CommandContext context)
    {
        var text = context.Get(Name)!;
        var model = HubReference.Find(text) ?? throw new InputException(
            $"'{text}' is no name on the hub: OWNER/NAME is needed, for example Qwen/Qwen3-0.6B, or unsloth/Qwen3-0.6B-GGUF:Q4_K_M.");
        var (progress, done) = ((ProgressLine?)null, 0L);
        try
        {
            var path = new HubPull(HubEnvironment.Options()).RunAsync(
                model, context.Require(Revision),
                files =>
                {
                    var size = files.DistinctBy(file => file.Blob).Sum(file => file.Size);
                    context.Terminal.Note($"{model}: {CountText.Of(files.Count, "file")}, {Machine.Fact.Bytes(size)}");
                    progress = context.Terminal.StartProgress("Downloading", size, "bytes");
                },
                bytes =>
                {
                    var all = Interlocked.Add(ref done, bytes);
                    if (progress is { } line)
                    {
                        lock (line)
                        {
                            line.Report(all);
                        }
                    }
                },
                context.Interrupted).GetAwaiter().GetResult();
            progress?.Dispose();
            context.Terminal.Say(path);
            context.Terminal.Next("Talk to it", $"rebound chat {ShellText.Quoted($"{model}")}");
            return ExitCode.Done;
        }
        catch (HubException e) when (e.InnerException is null)
        {
            throw new InputException(e.Message, e);
        }
        finally
        {
            progress?.Dispose();
        }
    }
}
