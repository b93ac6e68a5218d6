using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;
using Rebound.Cli.Terminal;
using Rebound.Text;
using Spectre.Console;

namespace Rebound.Cli.Text;

/// <summary><c>rebound tokenize</c>: a text's tokens in a table, or the ids of many rows.</summary>
internal static class TokenizeCommand
{
    private static readonly Option<string> TokenizerPath = new("--tokenizer")
    {
        Description = "A tokenizer.json, a folder that has one, or a .gguf file",
        HelpName = "PATH",
        Required = true,
    };

    private static readonly Option<bool> AddSpecialTokens = new("--add-special-tokens")
    {
        Description = "Put around the text what the tokenizer adds, such as the token that begins a sequence",
    };

    private static readonly Argument<string?> Text = new("text")
    {
        Description = "The text to encode; - reads it from standard input",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static CliCommand Create() => new("tokenize", "Show a text's tokens, or encode the rows of a file", Run)
    {
        Arguments = { Text },
        Options =
        {
            TokenizerPath,
            AddSpecialTokens,
            SharedOptions.InputRows,
            BadRowHandling.OfRows,
            SharedOptions.OutputRows,
            SharedOptions.Json,
        },
        Needs = [new Need("what to encode", Text, SharedOptions.InputRows)],
        Details = "Rows of --input hold 'text'; they are written with 'ids', 'ids_with_special' (with what the tokenizer puts around a "
            + "text), and 'decoded' and 'decoded_skip_special', the texts of 'ids' with and without special tokens.",
        Examples =
        [
            "rebound tokenize --tokenizer tokenizer.json \"Hello, world!\"",
            "rebound tokenize --tokenizer model.gguf --input texts.jsonl --output ids.jsonl",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (text, input) = (context.Get(Text), context.Get(SharedOptions.InputRows));
        CheckCombination(context, text, input);
        var tokenizer = TokenizerSource.Open(context.Require(TokenizerPath)).NamedTokenizer;
        if (input is not null)
        {
            RowMapping.Run(context, "Encoding", input, context.Get(SharedOptions.OutputRows), row => Encode(tokenizer, row));
            return ExitCode.Done;
        }

        var ids = tokenizer.Encode(text == "-" ? StandardStreams.Input.ReadToEnd() : text!, context.Get(AddSpecialTokens));
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(Json(tokenizer, ids));
        }
        else
        {
            Show(context, tokenizer, ids);
        }

        return ExitCode.Done;
    }

    private static void CheckCombination(CommandContext context, string? text, string? input)
    {
        if (text is not null && input is not null)
        {
            throw new InputException($"A text and --input {input} were given; leave one of them out.");
        }

        RowMapping.CheckOptions(context);

        if (input is not null && (context.Get(AddSpecialTokens) || context.Get(SharedOptions.Json)))
        {
            throw new InputException("--add-special-tokens and --json go with a text; rows are JSON, with and without special tokens.");
        }
    }

    private static void Encode(Tokenizer tokenizer, Row row)
    {
        var text = row.Text("text");
        var ids = tokenizer.Encode(text);
        row.Content["ids"] = Ids(ids);
        row.Content["ids_with_special"] = Ids(tokenizer.Encode(text, addSpecialTokens: true));
        row.Content["decoded"] = tokenizer.Decode(ids);
        row.Content["decoded_skip_special"] = tokenizer.Decode(ids, skipSpecialTokens: true);
    }

    private static JsonObject Json(Tokenizer tokenizer, int[] ids) => new()
    {
        ["ids"] = Ids(ids),
        ["pieces"] = new JsonArray([.. ids.Select(id => JsonValue.Create(tokenizer.IdToToken(id)))]),
        ["decoded"] = tokenizer.Decode(ids),
    };

    private static void Show(CommandContext context, Tokenizer tokenizer, int[] ids)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            new TableColumn("#").RightAligned(), new TableColumn("id").RightAligned(), new TableColumn("token"), new TableColumn("text"));
        for (var index = 0; index < ids.Length; index++)
        {
            var piece = Visible(tokenizer.DescribeToken(ids[index]));
            table.AddRow($"{index}", $"{ids[index]}", Markup.Escape(Visible(tokenizer.IdToToken(ids[index]))), Markup.Escape(piece));
        }

        context.Terminal.Write(table);
        context.Terminal.Output.WriteLine(CountText.Of(ids.Length, "token"));
    }

    /// <summary>A piece with its white space and control characters spelled out.</summary>
    private static string Visible(string piece) => string.Concat(piece.Select(unit => unit switch
    {
        ' ' => "␠",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when char.IsControl(unit) => $"\\u{(int)unit:x4}",
        _ => unit.ToString(),
    }));

    private static JsonArray Ids(int[] ids) => new([.. ids.Select(id => JsonValue.Create(id))]);
}
