namespace Rebound.Grammar.Masks;

/// <summary>A beginning of tokens.</summary>
/// <param name="Value">Its last byte.</param>
/// <param name="Depth">Bytes of it.</param>
/// <param name="End">The node behind all that begin with it.</param>
/// <param name="FirstToken">Place of the tokens that end here.</param>
internal readonly record struct TrieNode(byte Value, int Depth, int End, int FirstToken, int TokenCount);
