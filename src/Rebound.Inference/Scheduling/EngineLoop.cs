using System.Collections.Concurrent;
using Rebound.Inference.Generation;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Scheduling;

/// <summary>The one thread that steps a scheduler: requests join at the next step, and the thread sleeps while there are none.</summary>
/// <remarks>
/// Another thread hands out what a step wrote, in its order: hundreds of readers that are woken, one after the other, would take longer
/// than a step of a small model does.
/// </remarks>
public sealed class EngineLoop : IDisposable
{
    private readonly BlockingCollection<Arrival> _arrivals = [];
    private readonly BlockingCollection<List<Delivery>> _deliveries = [];
    private readonly Dictionary<int, GenerationRequest> _running = [];
    private readonly Scheduler _scheduler;
    private readonly Thread _thread;
    private readonly Thread _delivering;
    private volatile bool _isStopping;

    private volatile NotFiniteException? _broken;

    /// <param name="scheduler">Owned from here on.</param>
    public EngineLoop(Scheduler scheduler)
    {
        _scheduler = scheduler;
        _thread = new Thread(Work) { IsBackground = true, Name = "generation" };
        _delivering = new Thread(Deliver) { IsBackground = true, Name = "delivery" };
        _delivering.Start();
        _thread.Start();
    }

    /// <summary>Tokens whose keys and values the cache has room for.</summary>
    public int CacheTokens => _scheduler.CacheTokens;

    /// <summary>Bytes of the cache.</summary>
    public long CacheBytes => _scheduler.CacheBytes;

    /// <summary>Tokens that were found in the cache so far and did not have to be computed.</summary>
    public long ReusedTokens => _scheduler.ReusedTokens;

    /// <summary>Tokens of sequences that joined so far, which were looked up in the cache.</summary>
    public long LookedUpTokens => _scheduler.LookedUpTokens;

    /// <summary>Tokens whose places running sequences hold, as of the last step.</summary>
    public int HeldTokens => _scheduler.HeldTokens;

    /// <summary>Sequences that are generated, as of the last step.</summary>
    public int Running => _scheduler.Running;

    /// <summary>Sequences that wait for others to end, or for room.</summary>
    public int Waiting => _scheduler.Count - _scheduler.Running + _arrivals.Count;

    /// <summary>How often a sequence had to give its pages back, to be computed again, since others needed them.</summary>
    public long Preemptions => _scheduler.Preemptions;

    /// <summary>Is told, by the engine's own thread, of the tokens of every step that computed any; null for nobody.</summary>
    public Action<int>? OnStep { get; set; }

    /// <summary>Why the model answers nothing any more; null as long as it does.</summary>
    public NotFiniteException? Broken => _broken;

    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Submit(GenerationRequest request) => Add(new Arrival(request, null));

    /// <summary>Does something between two steps, while nothing else uses the scheduler, its models and their device.</summary>
    /// <returns>Ends when it is done, with its exception if it has one.</returns>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public Task InvokeAsync(Action<Scheduler> work)
    {
        var task = new Task(() => work(_scheduler));
        Add(new Arrival(null, task));
        return task;
    }

    /// <summary>Ends after the step that runs; requests that are not whole fail.</summary>
    public void Dispose()
    {
        if (!_arrivals.IsAddingCompleted)
        {
            _isStopping = true;
            _arrivals.CompleteAdding();
            _thread.Join();
            _delivering.Join();
            _arrivals.Dispose();
            _deliveries.Dispose();
            _scheduler.Dispose();
        }
    }

    private void Work()
    {
        while (!_isStopping && _arrivals.TryTake(out var first, Timeout.Infinite))
        {
            Take(first);
            while (_running.Count > 0 && !_isStopping)
            {
                while (_arrivals.TryTake(out var next))
                {
                    Take(next);
                }

                DropCancelled();
                Step();
            }
        }

        FailAll(new ModelException("the model was closed before the answer was whole."));
        while (_arrivals.TryTake(out var late))
        {
            // Work that is waited for is done all the same.
            late.Work?.RunSynchronously();
            late.Request?.Fail(new ModelException("the model was closed before it was asked."));
        }

        _deliveries.CompleteAdding();
    }

    private void Deliver()
    {
        foreach (var deliveries in _deliveries.GetConsumingEnumerable())
        {
            foreach (var (request, step, problem) in deliveries)
            {
                if (problem is null)
                {
                    request.Publish(step);
                }
                else
                {
                    request.Fail(problem);
                }
            }
        }
    }

    private void Add(Arrival arrival)
    {
        try
        {
            _arrivals.Add(arrival);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The model is closed.", e);
        }
    }

    private void Take(Arrival arrival)
    {
        arrival.Work?.RunSynchronously();
        if (arrival.Request is { } request)
        {
            Join(request);
        }
    }

    private void Join(GenerationRequest request)
    {
        try
        {
            _running.Add(request.Join(_scheduler), request);
        }
        catch (ArgumentException e)
        {
            request.Fail(new ModelException(e.Message, e));
        }
        catch (Exception e)
        {
            request.Fail(new ModelException($"the model failed: {e.Message}", e));
        }
    }

    /// <summary>Drops cancelled requests.</summary>
    private void DropCancelled()
    {
        foreach (var (sequence, request) in _running.Where(entry => entry.Value.IsCancelled).ToArray())
        {
            _scheduler.Cancel(sequence);
            _running.Remove(sequence);
            _deliveries.Add([new Delivery(request, default, new OperationCanceledException())]);
        }
    }

    private void Step()
    {
        try
        {
            var steps = _scheduler.Step();
            var deliveries = new List<Delivery>(steps.Count);
            foreach (var step in steps)
            {
                deliveries.Add(new Delivery(_running[step.Sequence], step, null));
                if (step.Finish is not null)
                {
                    _running.Remove(step.Sequence);
                }
            }

            _deliveries.Add(deliveries);

            if (_scheduler.StepTokens > 0)
            {
                OnStep?.Invoke(_scheduler.StepTokens);
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
        foreach (var (sequence, request) in _running)
        {
            _scheduler.Cancel(sequence);
            _deliveries.Add([new Delivery(request, default, problem)]);
        }

        _running.Clear();
    }

    /// <summary>A request, or work between two steps.</summary>
    private sealed record Arrival(GenerationRequest? Request, Task? Work);

    /// <summary>A token for a request, or why there are no more.</summary>
    private readonly record struct Delivery(GenerationRequest Request, GenerationEvent Step, Exception? Problem);
}
