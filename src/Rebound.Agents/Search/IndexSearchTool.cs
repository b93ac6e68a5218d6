using Rebound.Agents.Tools;

namespace Rebound.Agents.Search;

/// <summary>The <c>search</c> tool over a local index.</summary>
/// <param name="results">Passages that the agent sees; the reference's number.</param>
public sealed class IndexSearchTool(SearchIndex index, int results = 3) : TextTool(
    "search", "searches for a query and returns short snippets that may contain the answer", "query", "what to search for")
{
    public override Task<string> InvokeAsync(string text, CancellationToken cancellation = default) =>
        Task.FromResult(Passages.Observation(index.Search(text, results)));
}
