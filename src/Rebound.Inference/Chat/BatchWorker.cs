using System.Collections.Concurrent;
using Rebound.Inference.Generation;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>The one thread that steps a batch: requests join at the next step, and the thread sleeps while there are none.</summary>
internal sealed class BatchWorker : IDisposable
{
    private readonly BlockingCollection<PendingAnswer> _arrivals = [];
    private readonly Dictionary<int, PendingAnswer> _running = [];
    private readonly GenerationBatch _batch;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    private volatile NotFiniteException? _broken;

    /// <param name="batch">Owned from here on.</param>
    public BatchWorker(GenerationBatch batch)
    {
        _batch = batch;
        _thread = new Thread(Work) { IsBackground = true, Name = "generation" };
        _thread.Start();
    }

    /// <summary>Why the model answers nothing any more; null as long as it does.</summary>
    public NotFiniteException? Broken => _broken;

    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Submit(PendingAnswer answer)
    {
        try
        {
            _arrivals.Add(answer);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The model is closed.", e);
        }
    }

    /// <summary>Ends after the step that runs; answers that are not whole fail.</summary>
    public void Dispose()
    {
        if (!_arrivals.IsAddingCompleted)
        {
            _isStopping = true;
            _arrivals.CompleteAdding();
            _thread.Join();
            _arrivals.Dispose();
            _batch.Dispose();
        }
    }

    private void Work()
    {
        while (!_isStopping && _arrivals.TryTake(out var first, Timeout.Infinite))
        {
            Join(first);
            while (_running.Count > 0 && !_isStopping)
            {
                while (_arrivals.TryTake(out var next))
                {
                    Join(next);
                }

                LetGo();
                Step();
            }
        }

        FailAll(new ModelException("the model was closed before the answer was whole."));
        while (_arrivals.TryTake(out var late))
        {
            late.Fail(new ModelException("the model was closed before it was asked."));
        }
    }

    private void Join(PendingAnswer answer)
    {
        try
        {
            _running.Add(answer.Join(_batch), answer);
        }
        catch (ArgumentException e)
        {
            answer.Fail(new ModelException(e.Message, e));
        }
    }

    /// <summary>Takes out what nobody waits for any more.</summary>
    private void LetGo()
    {
        foreach (var (sequence, answer) in _running.Where(entry => entry.Value.IsGivenUp).ToArray())
        {
            _batch.Remove(sequence);
            _running.Remove(sequence);
            answer.Fail(new OperationCanceledException());
        }
    }

    private void Step()
    {
        try
        {
            foreach (var step in _batch.Step())
            {
                _running[step.Sequence].Take(step);
                if (step.Finish is not null)
                {
                    _running.Remove(step.Sequence);
                }
            }
        }
        catch (Exception e)
        {
            // Whoever waits hears of it; a thread has nobody else to tell.
            _broken = e as NotFiniteException ?? _broken;
            FailAll(new ModelException($"the model failed: {e.Message}", e));
        }
    }

    private void FailAll(ModelException problem)
    {
        foreach (var (sequence, answer) in _running)
        {
            _batch.Remove(sequence);
            answer.Fail(problem);
        }

        _running.Clear();
    }
}
