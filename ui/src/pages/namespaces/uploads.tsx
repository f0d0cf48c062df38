/** Puts many files into a folder of a namespace, chosen or dropped; each has its own verdict. */

import { Button, FileButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { tell, tellFailure } from "../../design/receipt";
import { t } from "../../i18n";
import { droppedOf, type Given, givenOf } from "./dropped";
import { DRAGGED } from "./file-tree";
import { store } from "./store";

/** How far an upload is; null when none is under way. */
type Progress = { done: number; all: number } | null;

export function useUploads(namespace: string, folder: string) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<Progress>(null);
  const upload = async (files: Given[]) => {
    const failed: string[] = [];
    for (const [at, { file, path }] of files.entries()) {
      setProgress({ done: at, all: files.length });
      try {
        await store(namespace, `${folder}${path}`, file, file.name);
      } catch (error) {
        failed.push(`${path}: ${(error as Error).message}`);
      }
    }
    setProgress(null);
    await client.invalidateQueries({ queryKey: ["files", namespace] });
    const count = files.length - failed.length;
    if (count > 0) tell(t("files.uploaded", { count, folder }));
    if (failed.length > 0) tellFailure(new Error(failed.join("\n")));
  };
  return { upload, progress };
}

type Uploads = ReturnType<typeof useUploads>;

/** Files (a ZIP is unpacked), or a whole folder. */
export function UploadButtons({ upload, progress }: Uploads) {
  const folder = useRef<HTMLInputElement>(null);
  return (
    <>
      <FileButton multiple onChange={(files) => files.length && void upload(givenOf(files))}>
        {(props) => (
          <Button
            variant="default"
            title={t("files.zipHint")}
            disabled={progress !== null}
            {...props}
          >
            {progress ? t("files.uploading", progress) : t("files.upload")}
          </Button>
        )}
      </FileButton>
      <input
        ref={(input) => {
          input?.setAttribute("webkitdirectory", "");
          folder.current = input;
        }}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          currentTarget.value = "";
          if (files.length > 0) void upload(givenOf(files));
        }}
      />
      <Button
        variant="default"
        disabled={progress !== null}
        onClick={() => folder.current?.click()}
      >
        {t("files.uploadFolder")}
      </Button>
    </>
  );
}

/** A place on which files and folders may be dropped. */
export function Drop({ upload, children }: Uploads & { children: ReactNode }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    setOver(false);
    void droppedOf(event.dataTransfer).then((files) => {
      if (files.length > 0) void upload(files);
    });
  };
  return (
    <section
      aria-label={t("files.dropHere")}
      className="drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {children}
    </section>
  );
}
