using System.Collections;
using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>The sequences that hold pages of the cache, in order of arrival.</summary>
internal sealed class RunningSequences : IReadOnlyCollection<Sequence>
{
    private readonly PrefixCache _prefixes;
    private readonly SortedList<int, Sequence> _sequences = [];
    private readonly bool _keepsGenerated;

    public RunningSequences(Backend backend, int pages)
    {
        var invariantRows = backend.BatchInvariantRows;
        _prefixes = new PrefixCache(new PagePool(pages));
        FewestComputed = invariantRows ?? 1;

        // Where small batches come to other bits than large ones, what was decoded is not the same as what is read in a prompt.
        _keepsGenerated = invariantRows is null or 1;
    }

    public int Count => _sequences.Count;

    /// <summary>Fewest tokens of a prompt that are computed at a time, its end included, at least 1.</summary>
    public int FewestComputed { get; }

    public long ReusedTokens { get; private set; }

    /// <summary>Tokens that were looked up in the cache so far.</summary>
    public long LookedUpTokens { get; private set; }

    public long Preemptions { get; private set; }

    /// <summary>Pages that can be had: free ones, and those that are only kept for who begins alike.</summary>
    public int AvailablePages => _prefixes.Available;

    public Sequence? Find(int index) => _sequences.GetValueOrDefault(index);

    /// <summary>Sequences that have to be computed anew, since the weights are others than those that computed what they hold.</summary>
    public IReadOnlyList<Sequence> LeaveStale()
    {
        Sequence[] stale = [.. _sequences.Values.Where(sequence => sequence.Version != sequence.Model.Version)];
        foreach (var sequence in stale)
        {
            Leave(sequence);
            if (sequence.IsScored)
            {
                sequence.Scores!.Restart();
            }
        }

        return stale;
    }

    /// <summary>
    /// Gives every sequence the pages for its tokens so far, the oldest first; where there are none left, the youngest gives all
    /// of its own back.
    /// </summary>
    /// <returns>Those that were preempted.</returns>
    public IReadOnlyList<Sequence> Grow()
    {
        var preempted = new List<Sequence>();
        for (var i = 0; i < _sequences.Count; i++)
        {
            var sequence = _sequences.GetValueAtIndex(i);
            if (sequence.IsFull)
            {
                continue;
            }

            while (sequence.MissingPages > _prefixes.Available && _sequences.Count > i)
            {
                var youngest = _sequences.GetValueAtIndex(_sequences.Count - 1);
                Leave(youngest);
                if (!youngest.IsFull)
                {
                    preempted.Add(youngest);
                    Preemptions++;
                }
            }

            if (_sequences.Count > i)
            {
                TakeMissing(sequence);
            }
        }

        return preempted;
    }

    /// <summary>Whether another branch is about to compute the first page that a sequence lacks and could read.</summary>
    public bool Awaits(Sequence sequence)
    {
        foreach (var branch in sequence.Branches)
        {
            var end = (Match(sequence, branch).Count + 1) * PageTable.PageTokens;
            if (end <= Reusable(sequence, branch) && AreBeingComputed(sequence.Model, branch.Tokens.Span[..end]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Lets a sequence join with the pages of all its tokens so far, those that are cached already first. Without room for them, and
    /// for another page of each that runs, nothing changes.
    /// </summary>
    public bool TryJoin(Sequence sequence)
    {
        var matched = sequence.Branches.Select(branch => Match(sequence, branch)).ToArray();
        var missing = sequence.MissingPages - matched.Sum(nodes => nodes.Count);
        if (missing + _sequences.Count > _prefixes.AvailableBeside(matched.SelectMany(nodes => nodes)))
        {
            return false;
        }

        foreach (var (branch, nodes) in sequence.Branches.Zip(matched))
        {
            _prefixes.Share(branch.Blocks, nodes);
            branch.Advance(nodes.Count * PageTable.PageTokens);
            ReusedTokens += branch.Computed;
            LookedUpTokens += branch.Length;
        }

        sequence.Version = sequence.Model.Version;
        sequence.ReusedTokens ??= sequence.Branches.Sum(branch => branch.Computed);

        TakeMissing(sequence);
        _sequences.Add(sequence.Index, sequence);
        return true;
    }

    /// <summary>The scheduled tokens have been computed: whole pages can be read by others from now on.</summary>
    public void Advance()
    {
        foreach (var sequence in _sequences.Values)
        {
            foreach (var branch in sequence.Branches)
            {
                if (branch.Scheduled > 0)
                {
                    branch.Advance(branch.Computed + branch.Scheduled);
                    _prefixes.Insert(sequence.Version, branch.Tokens[..Math.Min(branch.Computed, Kept(branch))], branch.Blocks);
                }
            }
        }
    }

    /// <summary>Counts tokens that are looked up and found from here on.</summary>
    public void ForgetCounts() => (ReusedTokens, LookedUpTokens) = (0, 0);

    /// <summary>A sequence gives its pages back.</summary>
    public void Leave(Sequence sequence)
    {
        _sequences.Remove(sequence.Index);
        foreach (var branch in sequence.Branches)
        {
            _prefixes.Release(branch.Blocks);
            branch.Advance(0);
        }
    }

    public IEnumerator<Sequence> GetEnumerator() => _sequences.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void TakeMissing(Sequence sequence)
    {
        foreach (var branch in sequence.Branches)
        {
            for (var missing = branch.MissingPages; missing > 0; missing--)
            {
                branch.Blocks.Append(_prefixes.Take());
            }
        }
    }

    /// <summary>Whether some branch that begins with these tokens has not computed them all, and will let others read them.</summary>
    private bool AreBeingComputed(LlamaModel model, ReadOnlySpan<int> tokens)
    {
        for (var i = 0; i < _sequences.Count; i++)
        {
            var running = _sequences.GetValueAtIndex(i);
            foreach (var other in running.Model == model ? running.Branches : [])
            {
                if (other.Computed < tokens.Length && Kept(other) >= tokens.Length && other.Tokens.Span.StartsWith(tokens))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private List<PrefixNode> Match(Sequence sequence, Branch branch) =>
        _prefixes.Match(sequence.Model.Version, branch.Tokens[..Math.Max(0, Reusable(sequence, branch))]);

    /// <summary>Tokens of a branch that may be read where others computed them: of a prompt that is scored those that have been.</summary>
    private int Reusable(Sequence sequence, Branch branch)
    {
        var most = branch.Length - FewestComputed;
        return sequence is { IsScored: true, Scores: { } scores } && branch == sequence.Branches[0] ? Math.Min(most, scores.Scored) : most;
    }

    /// <summary>The tokens of a branch that others may read, once they are computed.</summary>
    private int Kept(Branch branch) => _keepsGenerated ? branch.Tokens.Length : branch.PromptLength;
}
