using System.Text;
using Rebound.Text.Unicode;

namespace Rebound.Text.Bpe;

/// <summary>The settings of a BPE model in <c>tokenizer.json</c>.</summary>
/// <param name="UnknownPiece">The piece for characters that no piece spells, or null: they are dropped.</param>
/// <param name="FuseUnknown">Whether a run of such characters becomes one piece.</param>
/// <param name="ByteFallback">Whether such characters become pieces like <c>&lt;0xE2&gt;</c>, one a byte, first.</param>
/// <param name="IgnoreMerges">Whether a word that is itself a piece is that piece, whatever the merges say.</param>
/// <param name="ContinuingSubwordPrefix">Written before every symbol of a word but the first; empty for none.</param>
/// <param name="EndOfWordSuffix">Written after a word's last symbol; empty for none.</param>
internal sealed record BpeSettings(
    string? UnknownPiece,
    bool FuseUnknown,
    bool ByteFallback,
    bool IgnoreMerges,
    string ContinuingSubwordPrefix,
    string EndOfWordSuffix);

/// <summary>A byte-pair-encoding model: which symbols a word starts as, and how they merge. Immutable.</summary>
internal sealed class BpeModel
{
    private readonly BpeSettings _settings;
    private readonly int[] _byteIds = new int[256];
    private readonly int[] _fallbackIds = new int[256];
    private readonly int _unknownId;
    private readonly bool _bytesAreSymbols;

    /// <param name="byteLevel">Whether words are read as UTF-8 bytes, spelled in <see cref="ByteAlphabet"/>.</param>
    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeSettings settings, bool byteLevel)
    {
        (Vocabulary, Merges, _settings, IsByteLevel) = (vocabulary, merges, settings, byteLevel);
        for (var b = 0; b < 256; b++)
        {
            _byteIds[b] = IdOrNone(ByteAlphabet.CharOf((byte)b).ToString());
            _fallbackIds[b] = settings.ByteFallback ? IdOrNone($"<0x{b:X2}>") : -1;
        }

        _unknownId = settings.UnknownPiece is null ? -1 : IdOrNone(settings.UnknownPiece);
        _bytesAreSymbols = byteLevel && !HasAffixes && !_byteIds.Contains(-1);
    }

    public Vocabulary Vocabulary { get; }

    public MergeTable Merges { get; }

    public bool IsByteLevel { get; }

    /// <summary>Whether a word's symbols are spelled differently by where they stand.</summary>
    public bool HasAffixes => _settings.ContinuingSubwordPrefix.Length > 0 || _settings.EndOfWordSuffix.Length > 0;

    public BpeSettings Settings => _settings;

    /// <summary>Whether some character has neither a piece nor bytes to fall back to.</summary>
    public bool HasUnknownCharacters => _fallbackIds.Contains(-1);

    /// <summary>The id of <c>&lt;0xNN&gt;</c>, or −1 where bytes are not fallen back to or the piece is missing.</summary>
    public int FallbackId(byte value) => _fallbackIds[value];

    /// <summary>The ids of a word, added to <paramref name="output"/>.</summary>
    public void Tokenize(ReadOnlySpan<char> word, TokenScratch scratch, TokenBuffer output)
    {
        var bytes = scratch.Utf8(word);
        if (_settings.IgnoreMerges && Vocabulary.TryGetId(IsByteLevel ? scratch.Spell(bytes) : bytes, out var whole))
        {
            output.Add(whole);
            return;
        }

        var symbols = scratch.Symbols;
        symbols.Clear();
        if (_bytesAreSymbols)
        {
            foreach (var b in bytes)
            {
                symbols.Add(_byteIds[b]);
            }
        }
        else
        {
            AddSymbols(IsByteLevel ? scratch.Spell(bytes) : bytes, symbols);
        }

        var merged = symbols.Span;
        output.AddRange(merged[..scratch.Merger.MergeAll(merged)]);
    }

    /// <summary>
    /// A word's first symbols, one a character. An unknown character waits while the run of unknown ones may go on, so
    /// that byte pieces that follow it come before it, as they do in the tokenizers library.
    /// </summary>
    private void AddSymbols(ReadOnlySpan<byte> word, TokenBuffer symbols)
    {
        var unknownWaits = false;
        for (var start = 0; start < word.Length;)
        {
            Rune.DecodeFromUtf8(word[start..], out _, out var length);
            var end = start + length;
            var character = word[start..end];
            var id = HasAffixes ? AffixedId(ref character, start == 0, end == word.Length) : IdOrNone(character);
            start = end;
            if (id >= 0)
            {
                if (unknownWaits)
                {
                    symbols.Add(_unknownId);
                    unknownWaits = false;
                }

                symbols.Add(id);
            }
            else if (!TryFallBack(character, symbols) && _settings.UnknownPiece is not null)
            {
                if (unknownWaits && !_settings.FuseUnknown)
                {
                    symbols.Add(_unknownId);
                }

                unknownWaits = _unknownId >= 0
                    ? true
                    : throw new TokenizerException(
                        $"model.unk_token '{_settings.UnknownPiece}' is not in model.vocab, but the text needs it.");
            }
        }

        if (unknownWaits)
        {
            symbols.Add(_unknownId);
        }
    }

    private int AffixedId(ref ReadOnlySpan<byte> character, bool isFirst, bool isLast)
    {
        var spelled = Encoding.UTF8.GetString(character);
        spelled = (isFirst ? "" : _settings.ContinuingSubwordPrefix) + spelled + (isLast ? _settings.EndOfWordSuffix : "");
        character = Encoding.UTF8.GetBytes(spelled);
        return IdOrNone(character);
    }

    private bool TryFallBack(ReadOnlySpan<byte> character, TokenBuffer symbols)
    {
        foreach (var b in character)
        {
            if (_fallbackIds[b] < 0)
            {
                return false;
            }
        }

        foreach (var b in character)
        {
            symbols.Add(_fallbackIds[b]);
        }

        return true;
    }

    private int IdOrNone(ReadOnlySpan<byte> piece) => Vocabulary.TryGetId(piece, out var id) ? id : -1;

    private int IdOrNone(string piece) => IdOrNone(Encoding.UTF8.GetBytes(piece));
}
