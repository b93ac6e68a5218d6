using System.Text;
using System.Text.Json.Nodes;
using Rebound.Text.Loading;
using Rebound.Text.PreTokenization;
using Rebound.Text.Unicode;

namespace Rebound.Text.Bpe;

/// <summary>
/// Trains a byte-level BPE vocabulary: from single bytes on, the pair of symbols that is most frequent in the texts' words
/// becomes a symbol, again and again (Sennrich et al., 2016, https://arxiv.org/abs/1508.07909). Of equally frequent pairs
/// the one of lower ids goes first, so the same texts always give the same vocabulary, in whatever order they come.
/// </summary>
public sealed class BpeTrainer
{
    private readonly BpeTrainerOptions _options;
    private readonly PreTokenizer _preTokenizer;
    private readonly AddedTokenMatcher _specialTokens;
    private readonly SplitText _split = new();
    private readonly Dictionary<string, long> _words = [];

    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="TokenizerException">The pattern is not supported.</exception>
    public BpeTrainer(BpeTrainerOptions options)
    {
        options.Validate();
        _options = options;
        _preTokenizer = PreTokenizer.Read(new JsonFields(PreTokenizerJson(), "pre_tokenizer"));
        _specialTokens = new AddedTokenMatcher(options.SpecialTokens.Select(
            (content, id) => (new AddedToken(id, content, false, false, false, false, Special: true), content)));
    }

    /// <summary>Counts the words of a text; special tokens written in it are left out.</summary>
    public void Add(string text)
    {
        var wellFormed = CodePoints.WellFormed(text);
        var start = 0;
        for (var search = new AddedTokenSearch(); _specialTokens.TryFindNext(wellFormed, start, ref search, out var found);)
        {
            CountWords(wellFormed[start..found.Start]);
            start = found.End;
        }

        CountWords(wellFormed[start..]);
    }

    /// <summary>The vocabulary of what was added, as the content of a <c>tokenizer.json</c>.</summary>
    public JsonObject Train()
    {
        var symbols = new SymbolPieces();
        var pairs = new PairStatistics(_words
            .OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (Array.ConvertAll(Encoding.UTF8.GetBytes(word.Key), b => (int)b), word.Value)));
        var merges = new JsonArray();
        while (symbols.Count + _options.SpecialTokens.Count < _options.VocabularySize
            && pairs.TryTakeMostFrequent(out var left, out var right, out var count)
            && count >= _options.MinFrequency)
        {
            merges.Add((JsonNode)new JsonArray(symbols[left], symbols[right]));
            pairs.Merge(left, right, symbols.Join(left, right));
        }

        return ToJson(symbols, merges);
    }

    private void CountWords(ReadOnlySpan<char> text)
    {
        _split.Reset(text, InputStart.Of(text));
        _preTokenizer.Apply(_split);
        var counts = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var piece in _split.Pieces)
        {
            counts[_split[piece]] = counts.TryGetValue(_split[piece], out var count) ? count + 1 : 1;
        }
    }

    private JsonObject PreTokenizerJson() => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "Split",
                ["pattern"] = new JsonObject { ["Regex"] = _options.Pattern },
                ["behavior"] = "Isolated",
                ["invert"] = false,
            },
            ByteLevelJson()),
    };

    private static JsonObject ByteLevelJson() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = false,
    };

    private JsonObject ToJson(SymbolPieces symbols, JsonArray merges) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. _options.SpecialTokens.Select((content, i) => new JsonObject
        {
            ["id"] = symbols.Count + i,
            ["content"] = content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = PreTokenizerJson(),
        ["post_processor"] = ByteLevelJson(),
        ["decoder"] = ByteLevelJson(),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(symbols.All.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))),
            ["merges"] = merges,
        },
    };

    /// <summary>The symbols' spellings, the bytes first; two ways to the same spelling are one symbol.</summary>
    private sealed class SymbolPieces
    {
        private readonly List<string> _pieces = [];
        private readonly Dictionary<string, int> _ids = [];

        public SymbolPieces()
        {
            for (var b = 0; b < 256; b++)
            {
                IdOf(ByteAlphabet.CharOf((byte)b).ToString());
            }
        }

        public int Count => _pieces.Count;

        public IEnumerable<string> All => _pieces;

        public string this[int id] => _pieces[id];

        public int Join(int left, int right) => IdOf(_pieces[left] + _pieces[right]);

        private int IdOf(string piece)
        {
            if (!_ids.TryGetValue(piece, out var id))
            {
                id = _pieces.Count;
                _ids.Add(piece, id);
                _pieces.Add(piece);
            }

            return id;
        }
    }
}
