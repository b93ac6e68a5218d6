using Rebound.Engine;

namespace Rebound.Inference.Scheduling;

/// <summary>
/// Decides what the next step computes. All that decode take part. Prompts share what is left of the budget in order of
/// arrival, each taking half of it while others come after it, so that a long one does not hold up those behind it.
/// </summary>
internal sealed class StepPlanner
{
    /// <summary>Most tokens of a step that belong to prompts whose logits come to the host.</summary>
    private const int MostScored = 512;

    private readonly RunningSequences _running;
    private readonly int _maxSequences;
    private readonly int _budget;
    private readonly int _leastPrefill;
    private readonly PromptGathering? _gathering;
    private readonly SortedList<int, Sequence> _waiting = [];
    private int _scorable;

    /// <param name="maxSequences">Most sequences that run.</param>
    /// <param name="budget">Tokens of a step.</param>
    /// <param name="gathers">Whether prompts wait a few steps for others, to be read together.</param>
    public StepPlanner(RunningSequences running, int maxSequences, int budget, bool gathers)
    {
        (_running, _maxSequences, _budget) = (running, maxSequences, budget);

        _gathering = gathers ? new PromptGathering() : null;

        // With so many tokens a sequence of two branches comes to an end, or gets on by a page.
        _leastPrefill = 2 * (PageTable.PageTokens + running.FewestComputed);
    }

    public int Waiting => _waiting.Count;

    public void Add(Sequence sequence) => _waiting.Add(sequence.Index, sequence);

    public void Cancel(int sequence) => _waiting.Remove(sequence);

    /// <summary>Schedules tokens of the running sequences, and of those that wait as far as there is room.</summary>
    public void Plan()
    {
        foreach (var sequence in _running.LeaveStale().Concat(_running.Grow()))
        {
            Add(sequence);
        }

        var prompts = new List<Sequence>();
        var decoding = 0;
        foreach (var sequence in _running.Where(sequence => !sequence.IsFull))
        {
            if (sequence.IsDecoding)
            {
                decoding += sequence.Schedule(sequence.Remaining, left: 0);
            }
            else
            {
                prompts.Add(sequence);
            }
        }

        var free = Math.Min(_waiting.Count, _maxSequences - _running.Count);
        if (prompts.Count == 0 && _gathering is not null && _gathering.Holds(free, decoding))
        {
            return;
        }

        _scorable = Math.Max(_leastPrefill, MostScored);
        var budget = Math.Max(_leastPrefill, Math.Max(_budget - decoding, _budget / 4));
        for (var i = 0; i < prompts.Count; i++)
        {
            budget -= Schedule(prompts[i], budget, isLast: i == prompts.Count - 1 && _waiting.Count == 0);
        }

        budget -= Admit(prompts, budget);
        foreach (var prompt in prompts)
        {
            var before = prompt.Branches.Sum(branch => branch.Scheduled);
            budget -= ScheduleOver(prompt, before, before + budget);
        }
    }

    /// <summary>Lets sequences join that wait, in order of arrival; one whose beginning is just being computed lets others pass.</summary>
    /// <returns>Tokens that were scheduled for them.</returns>
    private int Admit(List<Sequence> prompts, int budget)
    {
        var scheduled = 0;
        for (var i = 0; i < _waiting.Count && i < _maxSequences && budget > scheduled && _running.Count < _maxSequences;)
        {
            var next = _waiting.GetValueAtIndex(i);
            if (_running.Awaits(next))
            {
                i++;
                continue;
            }

            if (!_running.TryJoin(next))
            {
                break;
            }

            _waiting.RemoveAt(i);
            scheduled += Schedule(next, budget - scheduled, isLast: i == _waiting.Count);
            prompts.Add(next);
        }

        return scheduled;
    }

    private int Schedule(Sequence prompt, int budget, bool isLast) =>
        ScheduleOver(prompt, before: 0, isLast ? budget : Math.Min(budget, Math.Max(_leastPrefill, budget / 2)));

    /// <param name="before">Tokens of it that are scheduled already.</param>
    /// <param name="tokens">Most that are to be.</param>
    /// <returns>Tokens that are scheduled now, and were not before.</returns>
    private int ScheduleOver(Sequence prompt, int before, int tokens)
    {
        var most = prompt.IsScored ? Math.Min(tokens, before + _scorable) : tokens;
        var more = prompt.Schedule(most, _running.FewestComputed) - before;
        _scorable -= prompt.IsScored ? more : 0;
        return more;
    }
}
