using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>Where rendered documents go, in the order of reading.</summary>
internal interface IDocumentSink
{
    /// <summary>The number of documents so far.</summary>
    int Count { get; }

    /// <param name="order">The place of its row among all (<see cref="SelectedRow.Order"/>); those of a row come in turn.</param>
    void Add((int Outcome, int Place) order, TokenizedDocument document);
}
