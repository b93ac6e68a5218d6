using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Generate;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Inference.Generation;
using Rebound.Trajectories;

namespace Rebound.Cli.Generate;

/// <summary><c>rebound generate</c>: a model's continuation of a prompt, its answer to a message, or both for many rows.</summary>
internal static class GenerateCommand
{
    private const int DefaultBatchSize = 16;

    private static readonly GenerationOptions Defaults = new();

    private static readonly Option<string?> Prompt = Text("--prompt", "TEXT", "Text to continue; - reads it from standard input");
    private static readonly Option<string?> Message = Text("--message", "TEXT", "What the user says, through the model's chat template");
    private static readonly Option<string?> SystemMessage = Text("--system", "TEXT", "System text before --message");

    private static readonly Option<int> MaxNewTokens = Number("--max-new-tokens", "Most tokens to generate", Defaults.MaxNewTokens);
    private static readonly Option<float> Temperature = Number(
        "--temperature", "Logits are divided by it; 0 takes the likeliest token", Defaults.Sampling.Temperature);

    private static readonly Option<int> TopK = Number(
        "--top-k", "Draw from the K likeliest tokens only; 0 for all", Defaults.Sampling.TopK);
    private static readonly Option<float> TopP = Number(
        "--top-p", "Draw from the likeliest tokens that sum up to P only; 1 for all", Defaults.Sampling.TopP);

    private static readonly Option<float> MinP = Number(
        "--min-p", "Draw from tokens at least P times as likely as the likeliest only; 0 for all", Defaults.Sampling.MinP);

    private static readonly Option<float> RepetitionPenalty = Number(
        "--repetition-penalty", "Make tokens that were there less likely; 1 for no penalty", Defaults.Sampling.RepetitionPenalty);

    private static readonly Option<float> PresencePenalty = Number(
        "--presence-penalty", "Subtract this from the logits of tokens that were generated; 0 for no penalty",
        Defaults.Sampling.PresencePenalty);

    private static readonly Option<float> FrequencyPenalty = Number(
        "--frequency-penalty", "Subtract this for every time that a token was generated; 0 for no penalty",
        Defaults.Sampling.FrequencyPenalty);

    private static readonly Option<ulong> Seed = Number("--seed", "Seed of the draws", Defaults.Sampling.Seed);

    private static readonly Option<string[]> Stop = new("--stop")
    {
        Description = "End before this text; may be given several times",
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int> BatchSize = Number("--batch-size", "Rows of --input to generate at a time", DefaultBatchSize);

    public static CliCommand Create() => new("generate", "Generate text from a prompt, a chat message, or the rows of a file", Run)
    {
        TakesModelFirst = true,
        Groups =
        [
            new OptionGroup("Model", SharedOptions.Model, SharedOptions.Adapter),
            new OptionGroup(
                "What to ask", Message, SystemMessage, Prompt, AgentPrompt.Condition, SharedOptions.Reasoning, SharedOptions.InputRows,
                BadRowHandling.OfRows, SharedOptions.OutputRows),
            new OptionGroup(
                "Drawing", MaxNewTokens, Temperature, TopP, TopK, MinP, RepetitionPenalty, PresencePenalty, FrequencyPenalty, Stop, Seed),
            new OptionGroup("Form of the answer", AnswerForm.Schema, AnswerForm.Object, AnswerForm.Rules),
            new OptionGroup(
                "Machine", SharedOptions.Device, SharedOptions.Threads, BatchSize, SharedOptions.ComputeType,
                SharedOptions.Int8Activations, SharedOptions.Deterministic),
            new OptionGroup("Results", SharedOptions.Json),
        ],
        Needs = [SharedOptions.ModelOrAdapter, new Need("what to ask, or to go on with", Message, Prompt, SharedOptions.InputRows)],
        Details = "Rows of --input hold 'prompt' or 'messages' (and 'tools'); they are written with 'prompt_ids', 'output_ids' and "
            + "'output'. The same seed gives the same text. A model trained by rebound is asked as in training, under its prompt's "
            + "condition for success; --condition chooses another.",
        Examples =
        [
            "rebound generate model.gguf --message \"What is the capital of France?\"",
            "rebound generate DIR --prompt \"Once upon a time\" --temperature 0.8 --top-p 0.95 --seed 7",
            "rebound generate DIR --message \"Name a city.\" --json-schema city.json",
            "rebound generate --model DIR --input questions.jsonl --output answers.jsonl --max-new-tokens 64",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (prompt, message, input) = (context.Get(Prompt), context.Get(Message), context.Get(SharedOptions.InputRows));
        CheckCombination(context, prompt, message, input);
        var options = Settings(context);
        options.Validate();
        if (context.Get(SharedOptions.OutputRows) is { } output and not "-")
        {
            PathChecks.RequireOutput(output, context.Label(SharedOptions.OutputRows));
        }

        var grammar = AnswerForm.Read(context);
        using var model = new OpenedModel(context);
        options = options with
        {
            StopTokenIds = [.. model.Source.EndTokenIds],
            Constraint = AnswerForm.Constraint(grammar, model.Source.Tokenizer),
        };
        var reasoning = ReasoningModes.Find(context.Get(SharedOptions.Reasoning));
        var agent = AgentPrompt.Find(context, model.Source, reasoning);
        if (prompt is null && agent?.Note is { } note)
        {
            context.Terminal.Note(note);
        }

        var encoder = new PromptEncoder(model.Source, agent, reasoning);
        if (input is not null)
        {
            RowGeneration.Run(context, model, encoder, input, context.Get(SharedOptions.OutputRows), context.Get(BatchSize), options);
            return ExitCode.Done;
        }

        var ids = prompt is not null
            ? encoder.EncodeText(prompt == "-" ? StandardStreams.Input.ReadToEnd() : prompt)
            : encoder.EncodeMessages(Conversation(context.Get(SystemMessage), message!), tools: null);
        StreamedAnswer.Run(context, model, ids, options);
        return ExitCode.Done;
    }

    private static void CheckCombination(CommandContext context, string? prompt, string? message, string? input)
    {
        if (new[] { prompt, message, input }.Count(source => source is not null) != 1)
        {
            throw new InputException("Give one of --prompt, --message and --input.");
        }

        if (message is null && context.Get(SystemMessage) is not null)
        {
            throw new InputException("--system goes with --message; rows of --input hold their system text in 'messages'.");
        }

        Option[] ofMessages = [AgentPrompt.Condition, SharedOptions.Reasoning];
        if (prompt is not null && ofMessages.FirstOrDefault(context.IsGiven) is { } other)
        {
            throw new InputException($"{other.Name} goes with --message and --input; the text of --prompt is continued as it stands.");
        }

        BadRowHandling.CheckRead(context, SharedOptions.InputRows);
        if (input is null && (context.Get(SharedOptions.OutputRows) is not null || context.IsGiven(BatchSize)))
        {
            throw new InputException("--output and --batch-size go with --input.");
        }

        if (context.Get(BatchSize) < 1)
        {
            throw new InputException($"--batch-size is {context.Get(BatchSize)}, and must be at least 1.");
        }
    }

    private static GenerationOptions Settings(CommandContext context) => new()
    {
        MaxNewTokens = context.Get(MaxNewTokens),
        StopStrings = [.. context.Get(Stop) ?? []],
        Sampling = new SamplingOptions
        {
            Temperature = context.Get(Temperature),
            TopK = context.Get(TopK),
            TopP = context.Get(TopP),
            MinP = context.Get(MinP),
            RepetitionPenalty = context.Get(RepetitionPenalty),
            PresencePenalty = context.Get(PresencePenalty),
            FrequencyPenalty = context.Get(FrequencyPenalty),
            Seed = context.Get(Seed),
        },
    };

    private static JsonArray Conversation(string? system, string message)
    {
        var messages = new JsonArray();
        if (system is not null)
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        }

        messages.Add(new JsonObject { ["role"] = "user", ["content"] = message });
        return messages;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<T> Number<T>(string name, string description, T value) =>
        new(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => value };
}
