using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Cli.Models;

/// <summary><c>rebound init</c>: a model of random weights around a tokenizer, to be trained from scratch.</summary>
internal static class InitCommand
{
    private static readonly Option<string> Tokenizer = new("--tokenizer")
    {
        Description = "Its tokenizer: a tokenizer.json, a folder that has one, or a .gguf file",
        HelpName = "PATH",
        Required = true,
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "The same seed gives the same weights",
        HelpName = "N",
        DefaultValueFactory = _ => 42,
    };

    private static readonly Option<string?> SaveType = StoredTypes.Option("float32");

    public static CliCommand Create()
    {
        return new CliCommand("init", "Make a model of random weights, to train from scratch", Run)
        {
            Options = { Tokenizer, SharedOptions.ModelFolder, NewModelShape.Like },
            Details = "Without options of its shape it is a Llama of 15 M parameters with a vocabulary of 32,000.",
            Examples =
            [
                "rebound init --tokenizer DIR --output model",
                "rebound init --tokenizer DIR --output model --hidden-size 512 --layers 8 --heads 8",
                "rebound init --tokenizer DIR --output model --like config.json",
            ],
            MoreOptions = [.. NewModelShape.Sizes, Seed, SaveType, SharedOptions.Overwrite, SharedOptions.Json],
        };
    }

    private static int Run(CommandContext context)
    {
        using var target = ModelTarget.Take(context);
        var folder = target.Folder;
        var tokenizer = TokenizerSource.Open(context.Require(Tokenizer));
        var json = NewModelShape.ConfigOf(context, tokenizer);
        var config = Parse(json);
        var type = StoredTypes.Chosen(context.Get(SaveType)) ?? StoredFloatType.F32;
        CheckMemory(config);
        using var backend = new CpuBackend();
        using var model = LlamaModel.Initialize(backend, config, context.Get(Seed));
        HuggingFaceFolder.Write(
            folder, json, model.Weights, tokenizer,
            new HuggingFaceFolderOptions
            {
                Type = type,
                Overwrite = context.Get(SharedOptions.Overwrite),
                GenerationConfig = tokenizer.ReadGenerationConfig(),
            });
        var parameters = model.Weights.Table.Parameters.Sum(parameter => parameter.Shape.Count);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject
            {
                ["output"] = folder,
                ["parameters"] = parameters,
                ["dtype"] = StoredTypes.NameOf(type),
                ["config"] = json.DeepClone(),
            });
        }
        else
        {
            context.Terminal.Say(
                $"Wrote {folder}: {parameters / 1e6:n1} M random parameters in {StoredTypes.NameOf(type)}, {config.Layers} layers, "
                + $"C {config.HiddenSize}, F {config.FeedForwardSize}, {config.QueryHeads} heads of {config.HeadDim}, V "
                + $"{config.VocabularySize:n0}.");
            context.Terminal.Next(
                "See it write, untrained",
                $"rebound generate {ShellText.Quoted(folder)} --prompt \"Once upon a time\" --max-new-tokens 20");
        }

        return ExitCode.Done;
    }

    /// <exception cref="InputException">There is no model of this shape.</exception>
    private static LlamaConfig Parse(JsonObject json)
    {
        try
        {
            return LlamaConfig.Parse(json, "The shape that was asked for");
        }
        catch (CheckpointException e)
        {
            throw new InputException(NewModelShape.InOptions(e.Message), e);
        }
    }

    /// <exception cref="InputException">The weights do not fit into memory.</exception>
    private static void CheckMemory(LlamaConfig config)
    {
        const double GiB = 1L << 30;
        var (parameters, available) = (ParameterTable.For(config).Count, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (parameters > available / sizeof(float))
        {
            throw new InputException(
                $"The model would have {parameters / 1e6:N0} M parameters, which take {parameters * sizeof(float) / GiB:N1} GiB, and "
                    + $"{available / GiB:N1} GiB are there: ask for smaller sizes.");
        }
    }
}
