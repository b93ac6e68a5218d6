namespace Rebound.Checkpoints.Gguf;

/// <summary>The type of a token in GGUF (<c>tokenizer.ggml.token_type</c>).</summary>
internal enum GgufTokenKind
{
    Undefined = 0,
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>The tokens of a GGUF file by id, with their kinds and the ids that have a role.</summary>
internal sealed class GgufVocabulary
{
    public const string TokensKey = "tokenizer.ggml.tokens";

    public const string KindsKey = "tokenizer.ggml.token_type";

    private readonly Dictionary<string, int> _ids;

    /// <exception cref="CheckpointException">Tokens are absent, there twice, or do not fit their kinds.</exception>
    public GgufVocabulary(GgufMetadata metadata)
    {
        Tokens = metadata.Texts(TokensKey) ?? throw metadata.Bad(TokensKey, "is absent: the file has no tokenizer.");
        Kinds = ReadKinds(metadata);
        _ids = new Dictionary<string, int>(Tokens.Count);
        for (var id = 0; id < Tokens.Count; id++)
        {
            if (!_ids.TryAdd(Tokens[id], id))
            {
                throw metadata.Bad(TokensKey, $"has '{Tokens[id]}' twice, as {_ids[Tokens[id]]} and {id}.");
            }
        }
    }

    public IReadOnlyList<string> Tokens { get; }

    public IReadOnlyList<GgufTokenKind> Kinds { get; }

    /// <summary>Ids by token.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>Ids by a part of a string, without making one.</summary>
    public Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> IdsBySpan =>
        _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    private GgufTokenKind[] ReadKinds(GgufMetadata metadata)
    {
        if (metadata.Integers(KindsKey) is not { } kinds)
        {
            return [.. Enumerable.Repeat(GgufTokenKind.Normal, Tokens.Count)];
        }

        if (kinds.Length != Tokens.Count)
        {
            throw metadata.Bad(KindsKey, $"has {kinds.Length} entries for {Tokens.Count} tokens.");
        }

        var wrong = Array.FindIndex(kinds, kind => !Enum.IsDefined((GgufTokenKind)kind));
        return wrong < 0
            ? Array.ConvertAll(kinds, kind => (GgufTokenKind)kind)
            : throw metadata.Bad(KindsKey, $"holds {kinds[wrong]} for token {wrong}; known are 0 to 6.");
    }
}
