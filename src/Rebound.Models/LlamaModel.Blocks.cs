namespace Rebound.Models;

/// <content>The order in which passes use blocks of parameters.</content>
public sealed partial class LlamaModel
{
    private const int EmbeddingBlock = 0;

    /// <summary>
    /// Told of the blocks that training passes, and those that measure losses, come to; null for nobody. A model that generates has none.
    /// </summary>
    public IBlockSchedule? Schedule { get; set; }

    private int HeadBlock => _blocks.Length + 1;

    private bool IsTied => _head == _embedding;

    /// <summary>Makes the calls of a pass to <see cref="Schedule"/> without one: for a rank that has no batch when others have.</summary>
    /// <param name="backward">Whether it is a pass that computes gradients, or one that measures losses alone.</param>
    public void PassOver(bool backward)
    {
        for (var block = EmbeddingBlock; block < HeadBlock; block++)
        {
            Schedule?.Need(block);
            Schedule?.Release(block);
        }

        NeedHead();
        if (!backward)
        {
            ReleaseHead();
            return;
        }

        OpenHead();
        CompleteHead();
        for (var layer = _blocks.Length - 1; layer >= _firstTrained; layer--)
        {
            BeginBackward(layer);
            EndBackward(layer);
        }

        if (Adapter is null)
        {
            OpenEmbedding();
            Schedule?.Complete(EmbeddingBlock);
        }
    }

    private static int BlockOf(int layer) => layer + 1;

    /// <summary>The final norm and the head are going to be read, which may be the embedding.</summary>
    private void NeedHead()
    {
        Schedule?.Need(HeadBlock);
        if (IsTied)
        {
            Schedule?.Need(EmbeddingBlock);
        }
    }

    private void ReleaseHead()
    {
        Schedule?.Release(HeadBlock);
        if (IsTied)
        {
            Schedule?.Release(EmbeddingBlock);
        }
    }

    private void OpenHead()
    {
        Schedule?.Open(HeadBlock);
        if (IsTied)
        {
            Schedule?.Open(EmbeddingBlock);
        }
    }

    private void CompleteHead()
    {
        Schedule?.Complete(HeadBlock);
        ReleaseHead();
    }

    private void BeginBackward(int layer)
    {
        Schedule?.Need(BlockOf(layer));
        Schedule?.Open(BlockOf(layer));
    }

    private void EndBackward(int layer)
    {
        Schedule?.Complete(BlockOf(layer));
        Schedule?.Release(BlockOf(layer));
    }

    /// <summary>The gradient of a tied embedding was opened with the head.</summary>
    private void OpenEmbedding()
    {
        if (!IsTied)
        {
            Schedule?.Open(EmbeddingBlock);
        }
    }
}
