namespace Rebound.Trajectories.Rendering;

/// <summary>Counts the documents of one outcome under one condition, one after the other.</summary>
/// <param name="preview">The beginning of the first of them.</param>
/// <param name="stop">The id of the stop token.</param>
internal sealed class MaskCounter(MaskPreview preview, int stop)
{
    private readonly HashSet<int> _rows = [];
    private MaskCount _count = new(preview.Outcome, preview.Condition, 0, 0, 0, 0, 0, 0, 0, 0);

    public MaskPreview Preview => preview;

    public MaskCount Count => _count with { Trajectories = _rows.Count };

    public void Add(TokenizedDocument document)
    {
        int stopped = 0, cut = 0;
        var tokens = document.Content.Tokens.Span;
        var runs = document.Content.Runs.Span;
        foreach (var run in runs)
        {
            var isStopped = tokens[run.End - 1] == stop;
            stopped += isStopped ? 1 : 0;
            cut += !isStopped && run.End == tokens.Length && document.CutTokens > 0 ? 1 : 0;
        }

        _rows.Add(document.Row);
        var supervised = document.SupervisedTokens;
        _count = _count with
        {
            Documents = _count.Documents + 1,
            Tokens = _count.Tokens + tokens.Length,
            SupervisedTokens = _count.SupervisedTokens + supervised,
            Unsupervised = _count.Unsupervised + (supervised == 0 ? 1 : 0),
            Answers = _count.Answers + runs.Length,
            Stopped = _count.Stopped + stopped,
            Cut = _count.Cut + cut,
        };
    }
}
