using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Files.Json;
using Rebound.Jinja;

namespace Rebound.Cli.Text;

/// <summary><c>rebound template</c>: messages through a chat template, one conversation or the rows of a file.</summary>
internal static class TemplateCommand
{
    private static readonly Option<string?> Messages = File("--messages", "A JSON list of messages; - is standard input");
    private static readonly Option<string?> Tools = File("--tools", "A JSON list of the tools' schemas");

    private static readonly Option<bool> AddGenerationPrompt = new("--add-generation-prompt")
    {
        Description = "End with what opens an assistant's turn",
    };

    private static readonly Option<string?> Variables = new("--variables")
    {
        Description = "Further variables of the template as a JSON object",
        HelpName = "JSON",
    };

    public static CliCommand Create() => new("template", "Render messages to the text a model reads, through its chat template", Run)
    {
        Options =
        {
            TemplateChoice.Template, TemplateChoice.Model, TemplateChoice.BosToken, TemplateChoice.EosToken,
            Messages, Tools, AddGenerationPrompt,
            Variables, SharedOptions.InputRows, BadRowHandling.OfRows, SharedOptions.OutputRows,
        },
        Needs =
        [
            new Need("the conversation, or rows of them", Messages, SharedOptions.InputRows),
            new Need("the chat template", TemplateChoice.Template, TemplateChoice.Model)
            {
                Exception = "unless rows of --input have theirs",
                IsExempt = result => result.GetResult(SharedOptions.InputRows) is not null,
            },
        ],
        Details = "The text is printed exactly as it is rendered. Rows of --input hold 'messages' and any of 'template', 'tools', "
            + "'add_generation_prompt', 'bos_token', 'eos_token' and 'variables', which go before the options; they are written with "
            + "'rendered' and 'error', of which one is null.",
        Examples =
        [
            "rebound template --model DIR --messages messages.json --add-generation-prompt",
            "rebound template --template chat.jinja --messages messages.json --variables '{\"enable_thinking\": false}'",
            "rebound template --input rows.jsonl --output rendered.jsonl",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (messages, input) = (context.Get(Messages), context.Get(SharedOptions.InputRows));
        CheckCombination(context, messages, input);
        var choice = TemplateChoice.Read(context);
        if (input is not null)
        {
            var rows = new TemplateRows(choice, context.Get(AddGenerationPrompt), ReadVariables(context));
            RowMapping.Run(context, "Rendering", input, context.Get(SharedOptions.OutputRows), rows.Render);
            return ExitCode.Done;
        }

        var conversation = ReadList(messages!);
        var tools = context.Get(Tools) is { } path ? ReadList(path) : null;
        try
        {
            context.Terminal.Output.Write(choice.Parse().Render(
                conversation, tools, context.Get(AddGenerationPrompt), choice.BosText, choice.EosText, ReadVariables(context)));
        }
        catch (ChatTemplateException exception)
        {
            throw new InputException(
                exception.Fault == ChatTemplateFault.Raised
                    ? $"The chat template refuses these messages: {exception.Description}"
                    : $"{choice.Location}: {exception.Message}.",
                exception);
        }

        return ExitCode.Done;
    }

    private static void CheckCombination(CommandContext context, string? messages, string? input)
    {
        if (messages is not null && input is not null)
        {
            throw new InputException("Give either --messages FILE, for one conversation, or --input FILE, for rows.");
        }

        if (input is not null && context.Get(Tools) is not null)
        {
            throw new InputException("--tools goes with --messages; rows of --input hold their own 'tools'.");
        }

        RowMapping.CheckOptions(context);
    }

    private static JsonArray ReadList(string path)
    {
        if (path != "-")
        {
            PathChecks.RequireInput(path);
        }

        var json = path == "-" ? Encoding.UTF8.GetBytes(StandardStreams.Input.ReadToEnd()) : System.IO.File.ReadAllBytes(path);
        return Parse(json, path) as JsonArray ?? throw new InputException($"{path} must hold a JSON list.");
    }

    private static JsonObject? ReadVariables(CommandContext context) => context.Get(Variables) is { } text
        ? Parse(Encoding.UTF8.GetBytes(text), "--variables") as JsonObject
            ?? throw new InputException("--variables must be a JSON object, such as {\"enable_thinking\": false}.")
        : null;

    private static JsonNode? Parse(byte[] json, string place)
    {
        try
        {
            return StrictJson.ParseNode(json);
        }
        catch (JsonException exception)
        {
            throw new InputException($"{place} is not valid JSON, {JsonProblem.Of(exception)}.", exception);
        }
    }

    private static Option<string?> File(string name, string description) => new(name) { HelpName = "FILE", Description = description };
}
