using Rebound.Files.Messages;
using Rebound.Files.Rows;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Rebound.Files.Yaml;

/// <summary>
/// The one reader of YAML. What a file can cost is bounded before it costs it: its size, its depth, and its values when everything
/// that it refers to stands where it is referred to.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Values of a document, after whatever refers to others is replaced by what it refers to.</summary>
    private const long MostValues = 100_000;

    private readonly string _path;
    private readonly int _lines;
    private readonly Parser _parser;

    /// <summary>Nodes by anchor; null for one whose value has not ended.</summary>
    private readonly Dictionary<AnchorName, YamlNode?> _anchors = [];

    private long _values;

    private YamlReader(string text, string path) =>
        (_path, _lines, _parser) = (path, 1 + text.TrimEnd().Count('\n'), new Parser(new StringReader(text)));

    /// <param name="path">Where the text is from, for messages.</param>
    /// <returns>The root; null where there is nothing.</returns>
    /// <exception cref="DataException">It is no YAML, is too large, or holds more than one document; the line is named.</exception>
    public static YamlNode? Read(string text, string path)
    {
        Check(text, path, line: 1);
        var reader = new YamlReader(text, path);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw reader.NoYaml(e.Start.Line, (e.InnerException ?? e).Message, e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException
            or FormatException or OverflowException)
        {
            // What the parser of the package stumbles over is no YAML either.
            throw reader.NoYaml(reader._parser.Current?.End.Line ?? 1, "it cannot be parsed.", e);
        }
    }

    private YamlNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = Value(depth: 1);
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<StreamEnd>(out _) ? root : throw new DataException(_path, null, null, "holds more than one YAML document.");
    }

    /// <param name="depth">Of a list or mapping that begins here.</param>
    private YamlNode Value(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return Referred(alias, depth);
        }

        CountValues(1);
        var start = _parser.Consume<NodeEvent>();
        var line = (int)start.Start.Line;
        if (start is not Scalar && depth > Nesting.Deepest)
        {
            throw Error(line, $"the document {Nesting.TooDeep}.");
        }

        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor] = null;
        }

        YamlNode node = start switch
        {
            Scalar scalar => Text(scalar),
            SequenceStart => new YamlList(Items(depth), line),
            _ => new YamlMapping(Entries(depth), line),
        };
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor] = node;
        }

        return node;
    }

    private YamlNode Referred(AnchorAlias alias, int depth)
    {
        var line = (int)alias.Start.Line;
        if (!_anchors.TryGetValue(alias.Value, out var node))
        {
            throw Error(line, $"*{alias.Value} refers to no anchor before it.");
        }

        if (node is null)
        {
            throw Error(line, $"*{alias.Value} refers to what it stands in, which would have no end.");
        }

        CountValues(node.Count);
        return depth - 1 + node.Height > Nesting.Deepest ? throw Error(line, $"the document {Nesting.TooDeep}.") : node;
    }

    private List<YamlNode> Items(int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value(depth + 1));
        }

        return items;
    }

    private List<(YamlText Key, YamlNode Value)> Entries(int depth)
    {
        var entries = new List<(YamlText, YamlNode)>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Value(depth + 1);
            entries.Add((key as YamlText ?? throw Error(key.Line, "a key must be text."), Value(depth + 1)));
        }

        return entries;
    }

    private YamlText Text(Scalar scalar)
    {
        Check(scalar.Value, _path, (int)scalar.Start.Line);
        return new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain, (int)scalar.Start.Line);
    }

    private void CountValues(long more)
    {
        _values += more;
        if (_values > MostValues)
        {
            throw Error(
                (int)(_parser.Current?.Start.Line ?? 1),
                $"the document has more than {MostValues:N0} values when what it refers to is filled in.");
        }
    }

    /// <summary>Refuses what no text of a file holds, whether it stands there or is written as an escape.</summary>
    private static void Check(string text, string path, int line)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !isPair))
            {
                line += text.AsSpan(0, i).Count('\n');
                throw new DataException(path, null, null, text[i] == '\0'
                    ? $"line {line} holds a NUL character."
                    : $"line {line} holds half of a surrogate pair, \\u{(int)text[i]:x4}, which is no character.");
            }

            i += isPair ? 1 : 0;
        }
    }

    private DataException NoYaml(long line, string problem, Exception inner) =>
        new(_path, null, null, $"line {Math.Min(line, _lines)} is not valid YAML: {problem}", inner);

    private DataException Error(int line, string problem) => new(_path, null, null, $"line {line}: {problem}");
}
