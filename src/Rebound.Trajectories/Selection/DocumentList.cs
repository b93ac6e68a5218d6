using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>Keeps documents in memory.</summary>
internal sealed class DocumentList : IDocumentSink
{
    private readonly List<((int Outcome, int Place) Order, TokenizedDocument Document)> _documents = [];

    public int Count => _documents.Count;

    public void Add((int Outcome, int Place) order, TokenizedDocument document) => _documents.Add((order, document));

    /// <summary>The documents by their rows' order.</summary>
    public IReadOnlyList<TokenizedDocument> Ordered() =>
        [.. _documents.OrderBy(document => document.Order).Select(document => document.Document)];
}
